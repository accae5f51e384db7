#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What tells without reading whether a file is the one it was.
struct FileStamp: Hashable, Sendable {
  let device: Int64
  let inode: Int64
  let size: Int64
  /// Nanoseconds since 1970: when the bytes were last written.
  let mtime: Int64
  /// Nanoseconds since 1970: when anything about the file last changed.
  ///
  /// Nobody can set it back.
  let ctime: Int64

  init(device: Int64, inode: Int64, size: Int64, mtime: Int64, ctime: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.mtime = mtime
    self.ctime = ctime
  }

  init(_ status: stat) {
    #if canImport(Glibc)
      let (modified, changed) = (status.st_mtim, status.st_ctim)
    #else
      let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
    #endif
    self.init(
      device: Int64(truncatingIfNeeded: status.st_dev),
      inode: Int64(truncatingIfNeeded: status.st_ino),
      size: Int64(status.st_size),
      mtime: Int64(modified.tv_sec) * 1_000_000_000 + Int64(modified.tv_nsec),
      ctime: Int64(changed.tv_sec) * 1_000_000_000 + Int64(changed.tv_nsec)
    )
  }

  /// How long a file must have rested before its stamp can be trusted, in nanoseconds.
  ///
  /// File systems stamp in steps, from 4 ms on ext4 to 2 s on FAT: a second change within the step
  /// of the first leaves the stamp as it was.
  static let restingTime: Int64 = 2_000_000_000

  /// Git's rule for files changed too recently: whether a change after `moment` must show.
  ///
  /// Only ctime counts: every change sets it to now, while an unpacked archive may set mtime to
  /// any year.
  func showsChanges(since moment: Int64) -> Bool { ctime < moment - FileStamp.restingTime }
}
