import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file of `rates/`: bytes of fixed places, mapped into memory, touched only under its lock.
///
/// Layout, in the machine's byte order: 8 bytes `DRATES1\n`; 8 bytes of checksum over all that
/// follows; 16 bytes that name the machine's boot; the sheet, 256 bytes; the number of rows, 8
/// bytes; then rows of 24 bytes: owner (two words), in flight, waiting (32 bits each). The file has
/// 4,096 bytes, whatever its rows.
struct RateFile: ~Copyable {
  private let file: FileDescriptor
  private let bytes: UnsafeMutableRawBufferPointer
  private let boot: OwnerWords

  private static let magic: UInt64 = 0x0A31_5345_5441_5244
  private static let sheetSize = 256
  private static let headSize = 32 + sheetSize + 8
  private static let rowSize = 24
  private static let fileSize = 4096

  init(at path: String) throws(StoreError) {
    precondition(MemoryLayout<RateSheet>.size <= Self.sheetSize, "BUG: the sheet grew")
    precondition(Self.headSize + Self.rowSize * RateContent.mostRows <= Self.fileSize, "BUG: rows")
    let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT)
    guard Self.fill(file) else { throw StoreError("write", path: path, code: errno) }
    let start = mmap(nil, Self.fileSize, PROT_READ | PROT_WRITE, MAP_SHARED, file.raw, 0)
    guard let start, start != MAP_FAILED else { throw StoreError("map", path: path, code: errno) }
    self.file = file
    bytes = UnsafeMutableRawBufferPointer(start: start, count: Self.fileSize)
    boot = BootClock.bootName
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }

  /// Takes the lock and reads; content that cannot be trusted is begun anew.
  ///
  /// - Returns: False if the kernel gives no lock; then nothing was read.
  func lock(reading content: inout RateContent) -> Bool {
    while flock(file.raw, LOCK_EX) != 0 {
      guard errno == EINTR else { return false }
    }
    // What lies behind the end of a file that somebody shortened must not be touched.
    guard Self.fill(file) else {
      flock(file.raw, LOCK_UN)
      return false
    }
    content = read() ?? RateContent()
    return true
  }

  /// Writes, and lets the lock go.
  func unlock(writing content: RateContent) {
    write(content)
    flock(file.raw, LOCK_UN)
  }

  /// Gives the file its size, in bytes that are on the disk: a mapped page that finds no room there
  /// would end the process.
  private static func fill(_ file: borrowing FileDescriptor) -> Bool {
    var status = stat()
    guard fstat(file.raw, &status) == 0 else { return false }
    let size = Int(status.st_size)
    guard size < fileSize else { return true }
    let zeros = [UInt8](repeating: 0, count: fileSize - size)
    return pwrite(file.raw, zeros, zeros.count, off_t(size)) == zeros.count
  }

  private func read() -> RateContent? {
    let rowCount = bytes.load(fromByteOffset: Self.headSize - 8, as: UInt64.self)
    guard bytes.load(as: UInt64.self) == Self.magic,
      bytes.load(fromByteOffset: 16, as: OwnerWords.self) == boot,
      rowCount <= UInt64(RateContent.mostRows),
      checksum(rows: Int(rowCount)) == bytes.load(fromByteOffset: 8, as: UInt64.self)
    else { return nil }
    let rows = (0..<Int(rowCount)).map { index in
      bytes.load(
        fromByteOffset: Self.headSize + index * Self.rowSize,
        as: RateContent.Row.self
      )
    }
    return RateContent(sheet: bytes.load(fromByteOffset: 32, as: RateSheet.self), rows: rows)
  }

  private func write(_ content: RateContent) {
    bytes.storeBytes(of: Self.magic, as: UInt64.self)
    bytes.storeBytes(of: boot, toByteOffset: 16, as: OwnerWords.self)
    bytes.storeBytes(of: content.sheet, toByteOffset: 32, as: RateSheet.self)
    bytes.storeBytes(
      of: UInt64(content.rows.count),
      toByteOffset: Self.headSize - 8,
      as: UInt64.self
    )
    for (index, row) in content.rows.enumerated() {
      bytes.storeBytes(
        of: row,
        toByteOffset: Self.headSize + index * Self.rowSize,
        as: RateContent.Row.self
      )
    }
    // A kill before this leaves a checksum that does not fit.
    let checksum = checksum(rows: content.rows.count)
    bytes.storeBytes(of: checksum, toByteOffset: 8, as: UInt64.self)
  }

  /// FNV-1a over words: it is to find a torn or foreign file, not an attacker.
  private func checksum(rows: Int) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for offset in stride(from: 16, to: Self.headSize + rows * Self.rowSize, by: 8) {
      hash = (hash ^ bytes.load(fromByteOffset: offset, as: UInt64.self)) &* 0x0000_0100_0000_01B3
      hash ^= hash >> 29
    }
    return hash
  }
}
