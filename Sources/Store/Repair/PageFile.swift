import Primitives

/// The pages of a SQLite database and its log, read without SQLite.
///
/// Source: SQLite's file format document. Nothing but a page's own head is believed, so rows are
/// found even where the tree above them, the schema or the file's head is damaged.
struct PageFile {
  static let usualPageSize = 4096

  let pageSize: Int
  /// Bytes of a page that content may lie in.
  let usableSize: Int
  let pageCount: Int
  private let file: MappedFile?
  private let log: WriteAheadLog?
  /// The log's newest copy of a page.
  private let newest: [Int: WriteAheadLog.Frame]

  init(at path: String) throws(StoreError) {
    let file = try MappedFile.open(path)
    let log = try WriteAheadLog(of: path)
    var newest: [Int: WriteAheadLog.Frame] = [:]
    if let log { for frame in log.savable where frame.isWhole { newest[frame.page] = frame } }
    let head = Self.head(file, log, newest[1])
    pageSize = head.pageSize
    usableSize = head.usableSize
    pageCount = max((file?.count ?? 0) / head.pageSize, newest.keys.max() ?? 0)
    self.newest = newest
    self.file = file
    self.log = log
  }

  static func isPageSize(_ size: Int) -> Bool {
    size >= 512 && size <= 65536 && size & (size - 1) == 0
  }

  private static func head(
    _ file: MappedFile?,
    _ log: WriteAheadLog?,
    _ first: WriteAheadLog.Frame?
  ) -> (pageSize: Int, usableSize: Int) {
    let usual = (usualPageSize, usualPageSize)
    var head = file?.bytes(at: 0, count: 100)
    if let first { head = log?.page(first) ?? head }
    guard let head, head.prefix(15).elementsEqual("SQLite format 3".utf8),
      let stored = head.bigEndian(at: 16, bytes: 2)
    else { return usual }
    let size = stored == 1 ? 65536 : stored
    let reserved = Int(head[20])
    guard isPageSize(size), reserved <= size - 480 else { return usual }
    return (size, size - reserved)
  }

  /// A page, counted from 1; nil if it is not there.
  func page(_ number: Int) -> UnsafeRawBufferPointer? {
    if let frame = newest[number], let page = log?.page(frame) { return page }
    guard number > 0 else { return nil }
    return file?.bytes(at: (number - 1) * pageSize, count: pageSize)
  }

  /// How many pages are missing, or are none: what lay on them is lost.
  func countUnreadablePages() -> Int {
    let stated = page(1)?.bigEndian(at: 28, bytes: 4) ?? 0
    let free = freePages()
    var count = pageCount == 0 ? 1 : max(0, min(stated, 1 << 32) - pageCount)
    for number in stride(from: 2, through: pageCount, by: 1) where !free.contains(number) {
      guard let page = page(number) else { continue }
      switch page[0] {
      case 0x02, 0x05, 0x0A, 0x0D: break
      // A page that a long row flows over to begins with the number of the next.
      case 0 where page.contains { $0 != 0 }: break
      default: count += 1
      }
    }
    return count
  }

  /// The pages that the file says are free, as far as that can be followed.
  ///
  /// They keep what they held: rows that were deleted, or moved.
  func freePages() -> Set<Int> {
    guard let first = page(1), var trunk = first.bigEndian(at: 32, bytes: 4) else { return [] }
    var free: Set<Int> = []
    while trunk > 0, trunk <= pageCount, free.insert(trunk).inserted, let page = page(trunk),
      let next = page.bigEndian(at: 0, bytes: 4), let count = page.bigEndian(at: 4, bytes: 4),
      count <= usableSize / 4 - 2
    {
      for index in 0..<count {
        if let leaf = page.bigEndian(at: 8 + 4 * index, bytes: 4) { free.insert(leaf) }
      }
      trunk = next
    }
    return free
  }
}
