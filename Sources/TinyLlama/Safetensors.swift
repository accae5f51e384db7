import Primitives

/// A `.safetensors` file of floats: a length, a JSON header, the tensors' bytes.
///
/// Reading is strict: every byte behind the header belongs to exactly one tensor, and each way of
/// being damaged has a message of its own. Narrower floats are widened, which loses nothing; what
/// is written is 32 bits wide.
///
/// Source: the format's description in the safetensors project (README, "Format").
struct Safetensors {
  /// One tensor as the header describes it; `bytes` are offsets from the start of the file.
  struct Entry {
    let name: String
    let type: ElementType
    let shape: [Int]
    let bytes: Range<Int>
  }

  /// How the numbers of a tensor are written, by the format's own names.
  enum ElementType: String, CaseIterable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    /// Bytes of one number.
    var size: Int { self == .float32 ? 4 : 2 }
  }

  static let fileName = "model.safetensors"
  /// The format's own limit, in bytes.
  private static let headerLimit = 100_000_000

  /// What messages call the file.
  let name: String
  let file: [UInt8]
  /// In the order of their bytes.
  let entries: [Entry]

  init(parsing file: [UInt8], name: String = fileName) throws(CheckpointError) {
    do throws(CheckpointError) {
      entries = try Self.entries(in: file)
    } catch {
      throw CheckpointError(file: name, error.message)
    }
    self.name = name
    self.file = file
  }

  private static func entries(in file: [UInt8]) throws(CheckpointError) -> [Entry] {
    guard file.count >= 8 else {
      throw Self.error("has \(file.count) bytes; even the length of its header takes 8")
    }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(file[$1]) << (8 * UInt64($1)) }
    guard length <= Self.headerLimit else {
      throw Self.error("says its header has \(length) bytes; the format allows \(Self.headerLimit)")
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= file.count else {
      throw Self.error(
        "is cut off: its header should have \(length) bytes, \(file.count - 8) are there"
      )
    }
    let header: JSON
    do { header = try JSON(parsing: file[8..<dataStart]) } catch {
      throw Self.error("the header is damaged: \(error)")
    }
    guard let object = header.object else {
      throw Self.error("the header should be a map, but is \(header.kindName)")
    }
    var entries: [Entry] = []
    for (name, value) in object.members where !UTF8Order.equal(name, "__metadata__") {
      entries.append(try Self.entry(name, value, dataStart: dataStart))
    }
    entries.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    try Self.checkCoverage(of: entries, from: dataStart, to: file.count)
    return entries
  }

  /// Copies a tensor's floats to a place in a buffer; a value that is no finite number is refused.
  func copy(_ entry: Entry, to target: UnsafeMutablePointer<Float>) throws(CheckpointError) {
    let finite = file.withUnsafeBytes { bytes in
      let place = UnsafeRawBufferPointer(rebasing: bytes[entry.bytes])
      return switch entry.type {
      case .float32: Self.copy(place, to: target) { Float(bitPattern: $0) }
      case .float16: Self.copy(place, to: target) { HalfFloat.widened($0) }
      // The upper half of a 32-bit float.
      case .bfloat16: Self.copy(place, to: target) { Float(bitPattern: UInt32($0 as UInt16) << 16) }
      }
    }
    guard finite else {
      throw CheckpointError(
        file: name,
        "tensor '\(entry.name)' holds a value that is not a finite number"
      )
    }
  }

  /// Copies words of one width; returns whether all of them were finite.
  @inline(__always)
  private static func copy<Word: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer,
    to target: UnsafeMutablePointer<Float>,
    _ widened: (Word) -> Float
  ) -> Bool {
    for index in 0..<bytes.count / MemoryLayout<Word>.size {
      let offset = index * MemoryLayout<Word>.size
      let word = Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self))
      let value = widened(word)
      guard value.isFinite else { return false }
      target[index] = value
    }
    return true
  }

  /// The file of some tensors, in the order given; the same bytes for the same tensors.
  static func encode(_ tensors: [(name: String, shape: [Int], values: ArraySlice<Float>)])
    -> [UInt8]
  {
    var header = JSONObject([("__metadata__", ["format": "pt"])])
    var offset = 0
    for tensor in tensors {
      let end = offset + 4 * tensor.values.count
      header[tensor.name] = [
        "dtype": "F32", "shape": .array(tensor.shape.map { JSON($0) }),
        "data_offsets": [JSON(offset), JSON(end)],
      ]
      offset = end
    }
    var text = Array(JSON.object(header).compactText.utf8)
    // Readers that map the file want the floats on a multiple of eight.
    while !text.count.isMultiple(of: 8) { text.append(0x20) }
    var file: [UInt8] = []
    file.reserveCapacity(8 + text.count + offset)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { file.append(contentsOf: $0) }
    file.append(contentsOf: text)
    for tensor in tensors {
      for value in tensor.values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { file.append(contentsOf: $0) }
      }
    }
    return file
  }

  private static func entry(
    _ name: String,
    _ value: JSON,
    dataStart: Int
  ) throws(CheckpointError) -> Entry {
    guard let dtype = value["dtype"]?.string else {
      throw error("tensor '\(name)' has no 'dtype'")
    }
    guard let type = ElementType.allCases.first(where: { UTF8Order.equal($0.rawValue, dtype) })
    else {
      let known = ElementType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      throw error("tensor '\(name)' is of type '\(dtype)'; this runtime reads only \(known)")
    }
    guard let list = value["shape"]?.array else { throw error("tensor '\(name)' has no 'shape'") }
    var shape: [Int] = []
    var size = type.size
    for dimension in list {
      guard let dimension = dimension.int, dimension > 0 else {
        throw error("tensor '\(name)' has a dimension of \(dimension.compactText)")
      }
      let product = size.multipliedReportingOverflow(by: dimension)
      guard !product.overflow else { throw error("tensor '\(name)' has a shape beyond all memory") }
      shape.append(dimension)
      size = product.partialValue
    }
    guard let offsets = value["data_offsets"]?.array, offsets.count == 2,
      let start = offsets[0].int, let end = offsets[1].int
    else { throw error("tensor '\(name)' has no pair of 'data_offsets'") }
    guard start >= 0, end >= start, end <= Int.max - dataStart else {
      throw error("tensor '\(name)' lies from byte \(start) to \(end), which is no range")
    }
    guard end - start == size else {
      throw error(
        "tensor '\(name)' of shape \(shape) takes \(size) bytes, but has \(end - start)"
      )
    }
    return Entry(name: name, type: type, shape: shape, bytes: dataStart + start..<dataStart + end)
  }

  /// Each byte belongs to exactly one tensor: no gap, no overlap, nothing missing or left over.
  private static func checkCoverage(
    of entries: [Entry],
    from start: Int,
    to end: Int
  ) throws(CheckpointError) {
    var position = start
    for entry in entries {
      guard entry.bytes.lowerBound >= position else {
        throw error("tensor '\(entry.name)' overlaps another")
      }
      guard entry.bytes.lowerBound == position else {
        throw error(
          "\(entry.bytes.lowerBound - position) bytes before tensor '\(entry.name)' belong to none"
        )
      }
      position = entry.bytes.upperBound
    }
    guard position <= end else {
      throw error("is cut off: its tensors take \(position) bytes, \(end) are there")
    }
    guard position == end else { throw error("has \(end - position) bytes behind its last tensor") }
  }

  private static func error(_ message: String) -> CheckpointError {
    CheckpointError(file: fileName, message)
  }
}
