#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2

/// The index of a repository (`git_index`).
struct Index: ~Copyable {
  private let handle: OpaquePointer?
  /// When the index was written; entries as new as this may be out of date.
  private let written: timespec?

  /// Reads the index; one that libgit2 cannot read (sparse or split) counts as empty.
  ///
  /// It only tells files that git looks after from those it does not. For the rest of this handle's
  /// life an empty index stands for it, since libgit2 looks for attributes there as well.
  init(of repository: borrowing Repository) throws(GitError) {
    var opened: OpaquePointer?
    let code = git_repository_index(&opened, repository.handle)
    if code != 0 {
      guard GitError.lastMessage?.hasPrefix("unsupported mandatory extension") == true else {
        throw GitError("read the index", code: code)
      }
      opened = try Self.replacement(in: repository)
    }
    handle = opened
    written = git_index_path(opened).flatMap { Self.modified(String(cString: $0)) }
  }

  private static func replacement(
    in repository: borrowing Repository
  ) throws(GitError) -> OpaquePointer? {
    var empty: OpaquePointer?
    try GitError.check(git_index_new(&empty), "make an empty index")
    try GitError.check(
      git_repository_set_index(repository.handle, empty),
      "use an empty index"
    )
    return empty
  }

  deinit { git_index_free(handle) }

  func has(_ path: String) -> Bool { git_index_get_bypath(handle, path, 0) != nil }

  /// The blob that git holds an untouched file for, by its times and size as `git status` does; nil
  /// for a file that was touched since, or that may have been.
  ///
  /// Source: git's `Documentation/technical/racy-git.txt`.
  func blob(ofUntouched path: String, _ status: stat) -> git_oid? {
    guard let entry = git_index_get_bypath(handle, path, 0)?.pointee, let written else {
      return nil
    }
    let modified = status.modified
    let changed = status.changed
    guard entry.file_size == UInt32(truncatingIfNeeded: status.st_size),
      Self.equal(entry.mtime, modified), Self.equal(entry.ctime, changed),
      entry.ino == UInt32(truncatingIfNeeded: status.st_ino),
      (modified.tv_sec, modified.tv_nsec) < (written.tv_sec, written.tv_nsec)
    else { return nil }
    return entry.id
  }

  private static func equal(_ left: git_index_time, _ right: timespec) -> Bool {
    left.seconds == Int32(truncatingIfNeeded: right.tv_sec)
      && left.nanoseconds == UInt32(truncatingIfNeeded: right.tv_nsec)
  }

  private static func modified(_ path: String) -> timespec? {
    var status = stat()
    return stat(path, &status) == 0 ? status.modified : nil
  }
}

extension stat {
  /// When the content was last written.
  var modified: timespec {
    #if canImport(Glibc)
      st_mtim
    #else
      st_mtimespec
    #endif
  }

  /// When content, mode or name was last changed.
  var changed: timespec {
    #if canImport(Glibc)
      st_ctim
    #else
      st_ctimespec
    #endif
  }
}
