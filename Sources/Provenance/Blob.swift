import CGit2
import Primitives

/// A file's content in git (`git_blob`), freed with its last use.
///
/// libgit2 holds the whole content in memory.
struct Blob: ~Copyable {
  let handle: OpaquePointer

  /// - Throws: `GitError`, with `GIT_ENOTFOUND` where the object is not in this clone.
  init(_ id: git_oid, in repository: OpaquePointer) throws(GitError) {
    var id = id
    var found: OpaquePointer?
    let code = git_blob_lookup(&found, repository, &id)
    guard code == 0, let found else { throw GitError("read blob \(id.hex)", code: code) }
    handle = found
  }

  deinit { git_blob_free(handle) }

  var size: Int64 { Int64(git_blob_rawsize(handle)) }

  var bytes: [UInt8] {
    guard let content = git_blob_rawcontent(handle) else { return [] }
    return Array(UnsafeRawBufferPointer(start: content, count: Int(size)))
  }

  /// The large file that the blob stands for; nil for a blob that is a file's content itself.
  var pointer: LargeFilePointer? {
    size <= LargeFilePointer.sizeLimit ? LargeFilePointer(blob: bytes) : nil
  }

  /// The large file that a blob stands for, without reading blobs that are too large to be pointers.
  static func pointer(
    _ id: git_oid,
    in repository: OpaquePointer
  ) throws(GitError) -> LargeFilePointer? {
    guard let size = try id.size(in: repository), size <= LargeFilePointer.sizeLimit else {
      return nil
    }
    return try Blob(id, in: repository).pointer
  }
}
