import Primitives

/// The log of a database (`-wal`), read by itself.
///
/// Source: "WAL File Format" of SQLite's file format document. SQLite stops at the first frame that
/// is not whole: after a kill or a power cut that is the end of the log. A whole transaction behind
/// such a frame says that it was not: its commit was on the disk once.
struct WriteAheadLog {
  struct Frame {
    let page: Int
    /// Where its page is in the file.
    let offset: Int
    let isCommit: Bool
    let isWhole: Bool
  }

  let path: String
  let pageSize: Int
  /// Those of the log's latest generation, in their order.
  let frames: [Frame]
  private let headerIsWhole: Bool
  private let file: MappedFile

  private static let headerSize = 32
  private static let frameHeaderSize = 24

  /// Nil if there is no log, or an empty one.
  init?(of database: String) throws(StoreError) {
    path = database + "-wal"
    guard let file = try MappedFile.open(path), file.count > 0 else { return nil }
    guard let header = file.bytes(at: 0, count: Self.headerSize) else { return nil }
    let magic = header.bigEndian(at: 0, bytes: 4) ?? 0
    let sums = LogSums(isBigEndian: magic & 1 == 1)
    let stored = LogSums.stored(header, at: 24)
    headerIsWhole =
      magic & ~1 == 0x377F_0682 && sums.over(header, count: 24, from: (0, 0)) == stored
    let size = header.bigEndian(at: 8, bytes: 4) ?? 0
    pageSize = headerIsWhole && PageFile.isPageSize(size) ? size : PageFile.usualPageSize
    // A log is written from its beginning: its first frame is of the latest generation.
    let salt = headerIsWhole ? 16 : Self.headerSize + 8
    frames = Self.frames(file, pageSize, sums, salt: file.bytes(at: salt, count: 8), from: stored)
    self.file = file
  }

  private static func frames(
    _ file: MappedFile,
    _ pageSize: Int,
    _ sums: LogSums,
    salt: UnsafeRawBufferPointer?,
    from start: (UInt32, UInt32)
  ) -> [Frame] {
    guard let salt else { return [] }
    var frames: [Frame] = []
    var before = start
    var offset = headerSize
    while let head = file.bytes(at: offset, count: frameHeaderSize),
      let page = file.bytes(at: offset + frameHeaderSize, count: pageSize)
    {
      let expected = sums.over(page, count: pageSize, from: sums.over(head, count: 8, from: before))
      let stored = LogSums.stored(head, at: 16)
      if head[8..<16].elementsEqual(salt) {
        frames.append(
          Frame(
            page: head.bigEndian(at: 0, bytes: 4) ?? 0,
            offset: offset + frameHeaderSize,
            isCommit: head.bigEndian(at: 4, bytes: 4) != 0,
            isWhole: expected == stored
          )
        )
      } else if expected == stored {
        // Chained to the frame before, yet of another generation: its salt is what is damaged.
        frames.append(Frame(page: 0, offset: 0, isCommit: false, isWhole: false))
      }
      before = stored
      offset += frameHeaderSize + pageSize
    }
    return frames
  }

  func page(_ frame: Frame) -> UnsafeRawBufferPointer? {
    file.bytes(at: frame.offset, count: pageSize)
  }

  /// What is wrong with the log; nil if it is as a kill or a power cut may leave one.
  var hole: String? {
    guard headerIsWhole else {
      return frames.isEmpty && file.count <= Self.headerSize + Self.frameHeaderSize
        ? nil : "its head is damaged, so that SQLite takes none of its \(frames.count) pages"
    }
    guard let broken = frames.firstIndex(where: { !$0.isWhole }) else { return nil }
    // The transaction that the broken frame belongs to may be the last, cut off by a power cut.
    let behind = frames[broken...].count { $0.isCommit && $0.isWhole }
    guard behind > (frames[broken].isCommit ? 0 : 1) else { return nil }
    return """
      page \(broken + 1) of \(frames.count) is damaged, with \(behind) commits behind it
      """
  }

  /// The frames that count in an attempt to save all: the whole ones up to the last whole commit.
  var savable: ArraySlice<Frame> {
    guard let last = frames.lastIndex(where: { $0.isCommit && $0.isWhole }) else { return [] }
    return frames[...last]
  }
}

/// The running sums over a log's frames.
struct LogSums {
  let isBigEndian: Bool

  static func stored(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> (UInt32, UInt32) {
    (
      UInt32(bytes.bigEndian(at: offset, bytes: 4) ?? 0),
      UInt32(bytes.bigEndian(at: offset + 4, bytes: 4) ?? 0)
    )
  }

  func over(
    _ bytes: UnsafeRawBufferPointer,
    count: Int,
    from start: (UInt32, UInt32)
  ) -> (UInt32, UInt32) {
    var (first, second) = start
    for offset in stride(from: 0, to: count, by: 8) {
      first = first &+ word(bytes, offset) &+ second
      second = second &+ word(bytes, offset + 4) &+ first
    }
    return (first, second)
  }

  private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
  }
}
