import Primitives

/// A `.safetensors` file of 32-bit floats: a length, a JSON header, the tensors' bytes.
///
/// Reading is strict: every byte behind the header belongs to exactly one tensor, and each way of
/// being damaged has a message of its own.
///
/// Source: the format's description in the safetensors project (README, "Format").
struct Safetensors {
  /// One tensor as the header describes it; `bytes` are offsets from the start of the file.
  struct Entry {
    let name: String
    let shape: [Int]
    let bytes: Range<Int>
  }

  static let fileName = "model.safetensors"
  /// The format's own limit, in bytes.
  private static let headerLimit = 100_000_000

  let file: [UInt8]
  /// In the order of their bytes.
  let entries: [Entry]

  init(parsing file: [UInt8]) throws(CheckpointError) {
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
    self.file = file
    self.entries = entries
  }

  /// Copies a tensor's floats to a place in a buffer; a value that is no finite number is refused.
  func copy(_ entry: Entry, to target: UnsafeMutablePointer<Float>) throws(CheckpointError) {
    let finite = file.withUnsafeBytes { bytes in
      for index in 0..<entry.bytes.count / 4 {
        let offset = entry.bytes.lowerBound + 4 * index
        let bits = UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        )
        let value = Float(bitPattern: bits)
        guard value.isFinite else { return false }
        target[index] = value
      }
      return true
    }
    guard finite else {
      throw Self.error("tensor '\(entry.name)' holds a value that is not a finite number")
    }
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
    guard UTF8Order.equal(dtype, "F32") else {
      throw error("tensor '\(name)' is of type '\(dtype)'; this runtime reads only 'F32'")
    }
    guard let list = value["shape"]?.array else { throw error("tensor '\(name)' has no 'shape'") }
    var shape: [Int] = []
    var size = 4
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
    return Entry(name: name, shape: shape, bytes: dataStart + start..<dataStart + end)
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
