package import Primitives

/// Something that no collection takes: a run with all that it names, or an object.
package enum Pin: Hashable, Sendable, CustomStringConvertible {
  case run(String)
  case object(Digest)

  /// Reads a line of the list of pins.
  init?(_ line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard words.count == 2 else { return nil }
    switch words[0] {
    case "run" where RunFolder.isID(String(words[1])): self = .run(String(words[1]))
    case "object":
      guard let digest = Digest(hex: words[1]) else { return nil }
      self = .object(digest)
    default: return nil
    }
  }

  package var description: String {
    switch self {
    case .run(let id): "run \(id)"
    case .object(let digest): "object \(digest.hex)"
    }
  }
}

extension Store {
  /// What is pinned, sorted.
  package func pins() async throws(StoreError) -> [Pin] {
    try await Blocking.storeWork { () throws(StoreError) in try self.layout.readPins() }
  }

  /// Pins something; false if it was pinned before.
  @discardableResult
  package func pin(_ pin: Pin) async throws(StoreError) -> Bool {
    try await changePins { $0.insert(pin).inserted }
  }

  /// Takes a pin away; false if there was none.
  @discardableResult
  package func unpin(_ pin: Pin) async throws(StoreError) -> Bool {
    try await changePins { $0.remove(pin) != nil }
  }

  private func changePins(
    _ change: @escaping @Sendable (inout Set<Pin>) -> Bool
  ) async throws(StoreError) -> Bool {
    guard mode != .readOnly else { throw .readOnly(path: path) }
    return try await Blocking.storeWork { () throws(StoreError) in
      // Two who change the list at once would lose one change.
      let lock = try FileLock(at: self.layout.lock("write"))
      try lock.lock(.exclusive)
      defer { lock.unlock() }
      var pins = Set(try self.layout.readPins())
      let isChanged = change(&pins)
      if isChanged { try self.layout.writePins(pins) }
      return isChanged
    }
  }
}

extension StoreLayout {
  var pins: String { "\(path)/pins" }

  func readPins() throws(StoreError) -> [Pin] {
    guard FileSystem.size(ofFileAt: pins) != nil else { return [] }
    let text = String(decoding: try FileSystem.read(pins), as: UTF8.self)
    var found: [Pin] = []
    for line in text.split(separator: "\n") {
      guard let pin = Pin(line) else {
        throw .damagedFile(path: pins, reason: "'\(line)' is no pin")
      }
      found.append(pin)
    }
    return found
  }

  func writePins(_ pins: Set<Pin>) throws(StoreError) {
    let lines = pins.map(\.description).sorted(by: UTF8Order.less)
    try FileSystem.replace(
      self.pins,
      with: Array(lines.map { "\($0)\n" }.joined().utf8),
      temporary: "\(path)/.pins-\(Owner.newToken())"
    )
  }
}
