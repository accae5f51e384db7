/// One system call as `strace -y -xx` writes it: every text in hexadecimal escapes, so that quotes
/// and brackets stand for themselves.
struct PowerLossCall {
  private struct Argument {
    var plain: [UInt8] = []
    /// A text in quotes.
    var bytes: [UInt8]?
    /// What stands in angle brackets behind a descriptor.
    var path: String?
  }

  let name: String
  private var arguments: [Argument] = []
  private(set) var result: Int?
  /// The path of the descriptor that the call gave back.
  private(set) var resultPath: String?

  init(_ line: [UInt8]) {
    let open = line.firstIndex(of: 0x28) ?? line.endIndex
    name = String(decoding: line[..<open], as: UTF8.self)
    var index = min(open + 1, line.endIndex)
    var argument = Argument()
    scan: while index < line.endIndex {
      switch line[index] {
      case 0x22:
        let end = line[(index + 1)...].firstIndex(of: 0x22) ?? line.endIndex
        argument.bytes = Self.decoded(line[(index + 1)..<end])
        index = end
      case 0x3C:
        let end = line[index...].firstIndex(of: 0x3E) ?? line.endIndex
        argument.path = String(decoding: Self.decoded(line[(index + 1)..<end]), as: UTF8.self)
        index = end
      case 0x2C:
        arguments.append(argument)
        argument = Argument()
      case 0x29: break scan
      case 0x20: break
      default: argument.plain.append(line[index])
      }
      index += 1
    }
    // The line of a call that another thread's interrupts ends amid its arguments.
    arguments.append(argument)
    readResult(line[min(index + 1, line.endIndex)...])
  }

  private mutating func readResult(_ rest: ArraySlice<UInt8>) {
    guard let equals = rest.firstIndex(of: 0x3D) else { return }
    let value = rest[(equals + 1)...].drop { $0 == 0x20 }
    let digits = value.prefix { $0 == 0x2D || (0x30...0x39).contains($0) }
    result = Int(String(decoding: digits, as: UTF8.self))
    let after = value.dropFirst(digits.count)
    guard after.first == 0x3C, let end = after.firstIndex(of: 0x3E) else { return }
    resultPath = String(decoding: Self.decoded(after[(after.startIndex + 1)..<end]), as: UTF8.self)
  }

  /// All texts of the call, in order.
  var bytes: [[UInt8]] { arguments.compactMap(\.bytes) }

  /// The words of the arguments that are neither text nor path: flags, numbers.
  var flags: String {
    arguments.map { String(decoding: $0.plain, as: UTF8.self) }.joined(separator: " ")
  }

  func path(_ index: Int) -> String? { at(index)?.path }
  func text(_ index: Int) -> String? {
    at(index)?.bytes.map { String(decoding: $0, as: UTF8.self) }
  }
  func number(_ index: Int) -> Int? {
    at(index).flatMap { Int(String(decoding: $0.plain, as: UTF8.self)) }
  }

  private func at(_ index: Int) -> Argument? {
    arguments.indices.contains(index) ? arguments[index] : nil
  }

  /// The bytes behind `\x41\x42`; other characters stand for themselves.
  private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4)
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == 0x5C, index + 3 < text.endIndex {
        bytes.append(digit(text[index + 2]) << 4 | digit(text[index + 3]))
        index += 4
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  private static func digit(_ character: UInt8) -> UInt8 {
    character <= 0x39 ? character - 0x30 : character - 0x61 + 10
  }
}
