import Foundation

/// A file system between what programs wrote and what is on the disk for sure.
///
/// The bytes of a file are sure once a sync of it ended that began after they were written; a name is
/// sure once its folder was synced. Of everything else any part may be there. A rename happens as a
/// whole or not at all. So says POSIX, and file systems keep more than that: the model is the worst.
struct PowerLossDisk {
  enum Change {
    case write(offset: Int, [UInt8])
    case truncate(Int)
  }

  struct File {
    var sure: [UInt8] = []
    /// Changes that may be lost, with the number of the operation that made each.
    var pending: [(number: Int, change: Change)] = []
    /// How large it is for those who read it now.
    var size = 0
  }

  enum Naming {
    case add(String, file: Int)
    case rename(String, to: String, file: Int)
    case remove(String)
    case folder(String)

    var paths: [String] {
      switch self {
      case .add(let path, _), .remove(let path), .folder(let path): [path]
      case .rename(let old, let new, _): [old, new]
      }
    }

    /// The folders whose sync makes it sure.
    var folders: [String] { paths.map(PowerLossDisk.parent) }
  }

  /// Names and what they stand for; folders have no file.
  struct Names {
    var files: [String: Int] = [:]
    var folders: Set<String> = [""]

    mutating func apply(_ naming: Naming) {
      switch naming {
      case .add(let path, let file): files[path] = file
      case .rename(let old, let new, let file):
        files[old] = nil
        files[new] = file
      case .remove(let path): files[path] = nil
      case .folder(let path): folders.insert(path)
      }
    }
  }

  private(set) var files: [File] = []
  /// As programs see them.
  private(set) var names = Names()
  private(set) var sureNames = Names()
  private(set) var pendingNames: [(number: Int, naming: Naming)] = []
  private var number = 0

  /// Whether anything might be lost now.
  var isUnsure: Bool { !pendingNames.isEmpty || files.contains { !$0.pending.isEmpty } }

  static func parent(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  mutating func apply(_ operation: PowerLossLog.Operation) {
    defer { number += 1 }
    switch operation {
    case .create(let path, let empties):
      if let file = names.files[path] {
        if empties { change(file, .truncate(0)) }
      } else {
        files.append(File())
        name(.add(path, file: files.count - 1))
      }
    case .write(let path, let offset, let bytes):
      guard let file = names.files[path] else { return }
      change(file, .write(offset: offset ?? files[file].size, bytes))
    case .truncate(let path, let size):
      if let file = names.files[path] { change(file, .truncate(size)) }
    case .allocate(let path, let end):
      if let file = names.files[path], files[file].size < end { change(file, .truncate(end)) }
    case .rename(let old, let new):
      if let file = names.files[old] { name(.rename(old, to: new, file: file)) }
    case .remove(let path): name(.remove(path))
    case .makeFolder(let path): if path != "" { name(.folder(path)) }
    case .syncEnds(let path, let begun): sync(path, begun)
    case .syncBegins, .send: break
    }
  }

  private mutating func change(_ file: Int, _ change: Change) {
    files[file].pending.append((number, change))
    switch change {
    case .write(let offset, let bytes):
      files[file].size = max(files[file].size, offset + bytes.count)
    case .truncate(let size): files[file].size = size
    }
  }

  private mutating func name(_ naming: Naming) {
    names.apply(naming)
    pendingNames.append((number, naming))
  }

  private mutating func sync(_ path: String, _ begun: Int) {
    if let file = names.files[path] {
      for (made, change) in files[file].pending where made < begun {
        Self.apply(change, to: &files[file].sure)
      }
      files[file].pending.removeAll { $0.number < begun }
      return
    }
    // With a name go the earlier changes of the same name.
    var paths: Set<String> = []
    var sure: Set<Int> = []
    for (made, naming) in pendingNames.reversed() {
      let isCovered = made < begun && naming.folders.contains(path)
      guard isCovered || !paths.isDisjoint(with: naming.paths) else { continue }
      sure.insert(made)
      paths.formUnion(naming.paths)
    }
    for (made, naming) in pendingNames where sure.contains(made) { sureNames.apply(naming) }
    pendingNames.removeAll { sure.contains($0.number) }
  }

  static func apply(_ change: Change, to bytes: inout [UInt8]) {
    switch change {
    case .truncate(let size):
      bytes = Array(bytes.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - bytes.count))
    case .write(let offset, let new):
      let end = offset + new.count
      if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
      bytes.replaceSubrange(offset..<end, with: new)
    }
  }
}
