#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The body of a request, handed to libcurl once and forwards only.
///
/// libcurl repeats a request by itself when a reused connection dies before an answer, POST
/// included, and the server may have charged for the first sending. It must rewind the body for
/// that; a body that cannot be rewound makes it report the failure instead. A small body is given
/// whole, which can be repeated: that is refused just before it would happen
/// (`EasyHandle+Callbacks.swift`).
final class BodyReader {
  /// A failure to open or read a file of the body, for people.
  private(set) var problem: String?
  /// Bytes of the whole body.
  var size: Int { sources.reduce(0) { $0 + $1.size } }
  /// Bytes handed to libcurl so far by `read`.
  private(set) var handedOver = 0

  /// The whole body if it is small enough to leave together with the head.
  ///
  /// 64 KiB is libcurl's own limit for that.
  var smallBody: [UInt8]? {
    guard size <= 64 << 10, sources.count <= 1 else { return nil }
    guard let first = sources.first else { return [] }
    if case .bytes(let bytes) = first.source { return bytes }
    return nil
  }

  private enum Source {
    case bytes([UInt8])
    case descriptor(Int32, path: String)
  }

  private var sources: [(source: Source, size: Int)] = []
  private var index = 0
  private var offset = 0

  /// Opens every file of the body; on failure `problem` is set.
  init(_ body: HTTPBody) {
    for piece in body.pieces {
      switch piece {
      case .bytes(let bytes): sources.append((.bytes(bytes), bytes.count))
      case .file(let path): addFile(path)
      }
    }
  }

  private func addFile(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      problem = "cannot open '\(path)': \(String(cString: strerror(errno)))"
      return
    }
    var status = stat()
    if fstat(descriptor, &status) != 0 {
      problem = "cannot read '\(path)': \(String(cString: strerror(errno)))"
    }
    sources.append((.descriptor(descriptor, path: path), Int(status.st_size)))
  }

  deinit {
    for case (.descriptor(let descriptor, _), _) in sources { close(descriptor) }
  }

  /// Fills the buffer as far as it can; 0 behind the last byte, nil for a file that cannot be read.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    var filled = 0
    while filled < buffer.count, index < sources.count {
      let wanted = min(buffer.count - filled, sources[index].size - offset)
      guard wanted > 0 else {
        index += 1
        offset = 0
        continue
      }
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + wanted])
      guard let count = copy(sources[index].source, into: rest) else { return nil }
      filled += count
      offset += count
    }
    handedOver += filled
    return filled
  }

  /// Copies at least one byte of the piece from `offset` on.
  private func copy(_ source: Source, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    switch source {
    case .bytes(let bytes):
      bytes.withUnsafeBytes { all in
        buffer.copyMemory(from: .init(rebasing: all[offset..<offset + buffer.count]))
      }
      return buffer.count
    case .descriptor(let descriptor, let path):
      while true {
        let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
        if count > 0 { return count }
        if count < 0, errno == EINTR { continue }
        problem =
          count == 0
          ? "'\(path)' became shorter while it was sent"
          : "cannot read '\(path)': \(String(cString: strerror(errno)))"
        return nil
      }
    }
  }
}
