import Primitives

/// The folder that a repair moves things to: `quarantine/N`, N from 1, below it the old paths.
struct Quarantine {
  private let layout: StoreLayout
  /// Made with the first thing that is moved.
  private(set) var folder: String?

  init(_ layout: StoreLayout) { self.layout = layout }

  /// Moves a file or folder of the store, durably; where it lies then.
  @discardableResult
  mutating func take(_ path: String) throws(StoreError) -> String {
    let target = try place(for: path)
    try FileSystem.rename(path, to: target)
    try FileSystem.synchronizeFolder(FileSystem.folder(of: target))
    try FileSystem.synchronizeFolder(FileSystem.folder(of: path))
    return target
  }

  /// Moves a database with its log; the log first, so that no other file is taken for its own.
  mutating func takeDatabase(_ path: String) throws(StoreError) {
    for suffix in ["-shm", "-wal", ""] where FileSystem.size(ofFileAt: path + suffix) != nil {
      try take(path + suffix)
    }
  }

  /// Keeps lines in a file of the folder.
  mutating func keep(_ lines: [String], in name: String) throws(StoreError) {
    guard !lines.isEmpty else { return }
    let path = try place(for: "\(layout.path)/\(name)")
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    try FileSystem.replace(path, with: bytes, temporary: path + "-part")
  }

  private mutating func place(for path: String) throws(StoreError) -> String {
    let target = "\(try made())/\(path.dropFirst(layout.path.utf8.count + 1))"
    try FileSystem.makeFolders(FileSystem.folder(of: target))
    return target
  }

  private mutating func made() throws(StoreError) -> String {
    if let folder { return folder }
    try FileSystem.makeFolder(layout.quarantine)
    var number = 1
    while try !FileSystem.makeFolder("\(layout.quarantine)/\(number)") { number += 1 }
    let made = "\(layout.quarantine)/\(number)"
    try FileSystem.synchronizeFolder(layout.quarantine)
    try FileSystem.synchronizeFolder(layout.path)
    folder = made
    return made
  }
}
