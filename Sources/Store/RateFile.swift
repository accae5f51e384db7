import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file of `rates/`: bytes of fixed places, read and written whole under its lock.
///
/// Layout, in the machine's byte order: 8 bytes `DRATES1\n`; 8 bytes of checksum over all that
/// follows; 16 bytes that name the machine's boot; the sheet, 256 bytes; the number of rows, 8
/// bytes; then rows of 24 bytes: owner (two words), in flight, waiting (32 bits each).
struct RateFile: ~Copyable {
  private let file: FileDescriptor
  private let boot: OwnerWords

  private static let magic: UInt64 = 0x0A31_5345_5441_5244
  private static let sheetSize = 256
  private static let headSize = 32 + sheetSize + 8
  private static let rowSize = 24
  private static let mostBytes = headSize + rowSize * RateContent.mostRows

  init(at path: String) throws(StoreError) {
    precondition(MemoryLayout<RateSheet>.size <= Self.sheetSize, "BUG: the sheet grew")
    file = try FileDescriptor(opening: path, O_RDWR | O_CREAT)
    boot = BootClock.bootName
  }

  /// Takes the lock and reads; content that cannot be trusted is begun anew.
  ///
  /// - Returns: False if the kernel gives no lock; then nothing was read.
  func lock(reading content: inout RateContent) -> Bool {
    while flock(file.raw, LOCK_EX) != 0 {
      guard errno == EINTR else { return false }
    }
    content = read() ?? RateContent()
    return true
  }

  /// Writes, as far as there is room on the disk, and lets the lock go.
  func unlock(writing content: RateContent) {
    write(content)
    flock(file.raw, LOCK_UN)
  }

  private func read() -> RateContent? {
    withUnsafeTemporaryAllocation(byteCount: Self.mostBytes, alignment: 16) { buffer in
      let count = pread(file.raw, buffer.baseAddress, buffer.count, 0)
      guard count >= Self.headSize,
        buffer.load(as: UInt64.self) == Self.magic,
        buffer.load(fromByteOffset: 16, as: OwnerWords.self) == boot
      else { return nil }
      let rowCount = buffer.load(fromByteOffset: Self.headSize - 8, as: UInt64.self)
      guard rowCount <= UInt64(RateContent.mostRows),
        count >= Self.headSize + Int(rowCount) * Self.rowSize
      else { return nil }
      let size = Self.headSize + Int(rowCount) * Self.rowSize
      guard Self.checksum(buffer, size) == buffer.load(fromByteOffset: 8, as: UInt64.self) else {
        return nil
      }
      let rows = (0..<Int(rowCount)).map { index in
        buffer.load(
          fromByteOffset: Self.headSize + index * Self.rowSize,
          as: RateContent.Row.self
        )
      }
      return RateContent(sheet: buffer.load(fromByteOffset: 32, as: RateSheet.self), rows: rows)
    }
  }

  private func write(_ content: RateContent) {
    let size = Self.headSize + content.rows.count * Self.rowSize
    withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { buffer in
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      buffer.storeBytes(of: Self.magic, as: UInt64.self)
      buffer.storeBytes(of: boot, toByteOffset: 16, as: OwnerWords.self)
      buffer.storeBytes(of: content.sheet, toByteOffset: 32, as: RateSheet.self)
      buffer.storeBytes(
        of: UInt64(content.rows.count),
        toByteOffset: Self.headSize - 8,
        as: UInt64.self
      )
      for (index, row) in content.rows.enumerated() {
        buffer.storeBytes(
          of: row,
          toByteOffset: Self.headSize + index * Self.rowSize,
          as: RateContent.Row.self
        )
      }
      let checksum = Self.checksum(buffer, size)
      buffer.storeBytes(of: checksum, toByteOffset: 8, as: UInt64.self)
      // A write that fails leaves what was there, or a checksum that does not fit.
      _ = pwrite(file.raw, buffer.baseAddress, size, 0)
    }
  }

  /// FNV-1a over words: it is to find a torn or foreign file, not an attacker.
  private static func checksum(_ buffer: UnsafeMutableRawBufferPointer, _ size: Int) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for offset in stride(from: 16, to: size, by: 8) {
      hash = (hash ^ buffer.load(fromByteOffset: offset, as: UInt64.self)) &* 0x0000_0100_0000_01B3
      hash ^= hash >> 29
    }
    return hash
  }
}
