import Foundation
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder that outputs are written below, by its handle and never through a symbolic link
/// (promise P19).
///
/// A folder below it may be replaced by a link at any time, also while a run goes on; then nothing is
/// written.
struct OutputFolder {
  /// Why nothing was written.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  let path: String

  /// Looks whether a file could be written there now.
  ///
  /// - Parameter file: Relative, without `..`.
  /// - Throws: `Refusal` where a step of its way is a link or no folder.
  func check(_ file: String) throws {
    _ = try withParent(of: file, making: false) { _, _ in }
  }

  /// Writes a file whole, in the place of whatever has its name.
  ///
  /// A link or another name of some file is not followed: it is replaced.
  ///
  /// - Throws: `Refusal`.
  func write(_ bytes: [UInt8], to file: String) throws {
    _ = try withParent(of: file, making: true) { parent, name in
      let temporary = ".\(UUID().uuidString.prefix(8))-part"
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let descriptor = openat(parent, temporary, flags, 0o666)
      guard descriptor >= 0 else { throw refusal("write", file, errno) }
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      do {
        try handle.write(contentsOf: bytes)
        try handle.close()
        guard renameat(parent, temporary, parent, name) == 0 else {
          throw refusal("write", file, errno)
        }
      } catch {
        unlinkat(parent, temporary, 0)
        throw error
      }
    }
  }

  /// Hands on the folder that a file is in, open, and the file's name; nil where there is none yet.
  private func withParent<Value>(
    of file: String,
    making: Bool,
    _ body: (Int32, String) throws -> Value
  ) throws -> Value? {
    let steps = file.split(separator: "/").map(String.init)
    guard let name = steps.last, !steps.contains(".."), !file.hasPrefix("/") else {
      throw Refusal(description: "'\(file)' is no path inside '\(path)'")
    }
    // The workflow's own folder may be reached by links: the user named it.
    var folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw refusal("open", path, errno) }
    defer { close(folder) }
    for step in steps.dropLast() {
      let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      var next = openat(folder, step, flags)
      if next < 0, errno == ENOENT {
        guard making else { return nil }
        if mkdirat(folder, step, 0o777) == 0 || errno == EEXIST {
          next = openat(folder, step, flags)
        }
      }
      guard next >= 0 else { throw refusal("write below", "\(path)/\(step)", errno) }
      close(folder)
      folder = next
    }
    return try body(folder, name)
  }

  private func refusal(_ what: String, _ file: String, _ code: Int32) -> Refusal {
    let isLink = code == ELOOP || code == ENOTDIR
    let reason = isLink ? "it is a symbolic link or no folder" : String(cString: strerror(code))
    return Refusal(description: "cannot \(what) '\(file)': \(reason)")
  }
}
