import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a file, mapped for reading (`mmap`); nobody may shorten it meanwhile.
final class MappedFile {
  private let address: UnsafeMutableRawPointer?
  let count: Int

  private init(address: UnsafeMutableRawPointer?, count: Int) {
    self.address = address
    self.count = count
  }

  /// Nil if there is no such file.
  static func open(_ path: String) throws(StoreError) -> MappedFile? {
    guard let size = FileSystem.size(ofFileAt: path) else { return nil }
    guard size > 0 else { return MappedFile(address: nil, count: 0) }
    let file = try FileDescriptor(opening: path, O_RDONLY)
    let mapped = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.raw, 0)
    guard let mapped, mapped != MAP_FAILED else {
      throw StoreError("map", path: path, code: errno)
    }
    return MappedFile(address: mapped, count: size)
  }

  deinit { if let address { munmap(address, count) } }

  /// A piece of the file; nil where the file does not reach.
  func bytes(at offset: Int, count length: Int) -> UnsafeRawBufferPointer? {
    guard let address, offset >= 0, length >= 0, offset <= count - length else { return nil }
    return UnsafeRawBufferPointer(start: address + offset, count: length)
  }
}

extension UnsafeRawBufferPointer {
  /// A whole number of so many bytes, the first the highest; nil where the buffer does not reach.
  func bigEndian(at offset: Int, bytes: Int) -> Int? {
    guard offset >= 0, offset <= count - bytes else { return nil }
    return self[offset..<offset + bytes].reduce(0) { $0 << 8 | Int($1) }
  }
}
