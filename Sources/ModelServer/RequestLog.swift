import Dispatch

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Primitives

/// A file that gets one line for each request received, on disk before the request is handled.
///
/// It is the outside witness of what was asked: tests that kill the caller count its lines. A line
/// holds no time, so that equal sequences of requests give equal files.
final class RequestLog: Sendable {
  private let file: File
  /// Serial: one line at a time, on a thread that may block.
  private let queue = DispatchQueue(label: "distill.request-log")

  init(path: String) throws(SystemError) {
    file = try File(path: path)
  }

  func note(_ request: APIRequest) async throws {
    let file = self.file
    let digest = Digest(of: request.body)
    let (method, path) = (request.method, request.path)
    try await withCheckedThrowingContinuation { continuation in
      queue.async {
        continuation.resume(
          with: Result { try file.append(method: method, path: path, digest: digest) }
        )
      }
    }
  }

  /// The open file and the count of its lines.
  ///
  /// Sendable although it changes: only the closures of `queue`, which runs one at a time, use it.
  private final class File: @unchecked Sendable {
    private let path: String
    private let descriptor: Int32
    private var lines: Int

    init(path: String) throws(SystemError) {
      self.path = path
      descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw SystemError("open", path: path) }
      var reader = try LineReader(path: path)
      while try reader.next() != nil {}
      lines = reader.lineNumber
    }

    deinit { close(descriptor) }

    func append(method: String, path requestPath: String, digest: Digest) throws(SystemError) {
      let line: JSON = [
        "n": JSON(lines + 1), "method": .string(method), "path": .string(requestPath),
        "sha256": .string(digest.hex),
      ]
      let bytes = Array("\(line.compactText)\n".utf8)
      let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard written == bytes.count, fsync(descriptor) == 0 else {
        throw SystemError("write", path: path)
      }
      lines += 1
    }
  }
}
