#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2
import Primitives

/// An input whose bytes have been read and held against what the run read.
struct ReadInput {
  let input: PinInput
  let location: InputLocation
  let status: stat
  /// The content; nil for a file over the limit.
  let bytes: [UInt8]?
  /// How the content differs from what the run read; nil where it does not.
  let change: InputChange?

  init(_ input: PinInput, root: String) throws(SystemRefusal) {
    self.input = input
    location = try InputLocation(following: input.path, root: root)
    let reader = try FileReader(location.resolved)
    status = try reader.status()
    let found: (digest: Digest, size: Int64)
    if status.st_size <= RunPin.sizeLimit {
      let read = try reader.bytes(upTo: RunPin.sizeLimit)
      bytes = read
      found = (Digest(of: read), Int64(read.count))
    } else {
      bytes = nil
      found = try reader.digest()
    }
    if found.size != input.size {
      change = InputChange(input.path, "\(found.size) bytes, expected \(input.size)")
    } else if found.digest != input.digest {
      let digests = "SHA-256 \(found.digest.short)…, expected \(input.digest.short)…"
      change = InputChange(input.path, digests)
    } else {
      change = nil
    }
  }

  var isExecutable: Bool { status.st_mode & S_IXUSR != 0 }

  func compared(at relative: String) -> ComparedFile {
    ComparedFile(
      resolved: location.resolved,
      relative: relative,
      status: status,
      bytes: bytes,
      digest: input.digest
    )
  }

  /// The id of the bytes as a blob, without filters.
  func rawBlob() throws(GitError) -> git_oid {
    guard let bytes else { return try Repository.rawBlob(location.resolved) }
    return try git_oid(hashing: bytes)
  }

  /// Whether a file that was read twice was written to meanwhile; one in memory cannot have been.
  func changeSince() -> InputChange? {
    guard bytes == nil else { return nil }
    var now = stat()
    guard stat(location.resolved, &now) == 0 else {
      return InputChange(input.path, "it is gone")
    }
    let isSame =
      now.st_ino == status.st_ino && now.st_size == status.st_size
      && now.modified.equals(status.modified) && now.changed.equals(status.changed)
    return isSame ? nil : InputChange(input.path, "it was written to")
  }
}

extension timespec {
  fileprivate func equals(_ other: timespec) -> Bool {
    tv_sec == other.tv_sec && tv_nsec == other.tv_nsec
  }
}
