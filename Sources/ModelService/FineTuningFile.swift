import Diagnostics
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file of training rows on its way to a service.
struct FineTuningFile {
  /// The byte order mark of UTF-8.
  static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  let path: String
  /// In bytes, as it lies on the disk.
  let size: Int
  /// Whether it begins with a byte order mark.
  let isMarked: Bool
  /// Lines that hold more than white space; nil if nobody asked.
  let rows: Int?

  /// Looks at a file, and counts its rows if the dialect has a least number of them.
  ///
  /// - Throws: `FineTuningError.refused` for a file that cannot be read, or that the dialect's
  ///   service would not take.
  init(at path: String, for dialect: Dialect) throws {
    self.path = path
    do {
      (size, isMarked) = try Self.look(at: path)
      rows = dialect.leastTrainingRows > 1 ? try Self.countRows(of: path) : nil
    } catch {
      throw FineTuningError.refused(message: error.description)
    }
    guard size < dialect.largestTrainingFile else {
      throw FineTuningError.refused(
        message: "'\(path)' has \(size) bytes; a training file has fewer than "
          + "\(dialect.largestTrainingFile)"
      )
    }
    if let rows, rows < dialect.leastTrainingRows {
      throw FineTuningError.refused(
        message: "'\(path)' has \(rows) rows; Azure OpenAI trains on no fewer than "
          + "\(dialect.leastTrainingRows)"
      )
    }
  }

  /// The most tokens that a job trains on: a token covers at least one byte, and the JSON around a
  /// message has more bytes than any chat template puts tokens around it.
  func tokenBound(epochs: Int) -> Int {
    let (product, overflow) = size.multipliedReportingOverflow(by: epochs)
    return overflow ? .max : product
  }

  private static func look(at path: String) throws(SystemError) -> (size: Int, isMarked: Bool) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError("read", path: path) }
    var start: [UInt8] = [0, 0, 0]
    let count = start.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return (Int(status.st_size), count == 3 && start == Self.mark)
  }

  private static func countRows(of path: String) throws(SystemError) -> Int {
    var reader = try LineReader(path: path)
    var rows = 0
    while let line = try reader.next() {
      if line.contains(where: { $0 > 0x20 }) { rows += 1 }
    }
    return rows
  }
}
