#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the path of an input leads, one symbolic link after the other.
struct InputLocation {
  enum Place: Hashable {
    /// In the worktree, at this path below its root.
    case inside(String)
    /// Not in the worktree, and the path says so itself.
    case outside
    /// Reached through a link in the worktree that leads out of it or is absolute: the path below
    /// the root that the link begins. In another worktree a file of its own must stand there.
    case through(String)
  }

  /// A symbolic link in the worktree that leads to another place in it.
  struct Link: Hashable {
    let path: String
    let target: String
  }

  /// Absolute, without symbolic links.
  let resolved: String
  let place: Place
  /// Those on the way, in order, up to the one that leads out.
  let links: [Link]

  /// Follows a path.
  ///
  /// - Throws: `SystemRefusal` where nothing is there.
  init(following path: String, root: String) throws(SystemRefusal) {
    var walk = Walk(root: root)
    try walk.follow(path)
    resolved = walk.current.isEmpty ? "/" : walk.current
    links = walk.links
    if let exit = walk.exit {
      place = .through(exit)
    } else {
      place = FilePath.relative(resolved, to: root).map { .inside($0) } ?? .outside
    }
  }
}

/// A path being followed step by step, as the system does it.
private struct Walk {
  /// As many links as the system follows.
  private static let limit = 40

  let root: String
  /// Where the walk is; empty at the system's root.
  var current = ""
  var links: [InputLocation.Link] = []
  var exit: String?
  /// Steps still to go, the next one last, each with the link that wrote it.
  private var pending: [(step: String, link: Int?)] = []
  /// For each link in the worktree, where it was: its path and what was to follow.
  private var names: [String] = []
  private var followed = 0

  init(root: String) { self.root = root }

  mutating func follow(_ path: String) throws(SystemRefusal) {
    if !path.utf8.starts(with: "/".utf8) {
      guard let folder = FilePath.resolved(".") else { throw SystemRefusal(number: errno) }
      current = folder == "/" ? "" : folder
    }
    pending = FilePath.steps(path).reversed().map { ($0, nil) }
    while let (step, link) = pending.popLast() {
      if step == ".." {
        current = current.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(current[..<$0]) } ?? ""
        checkExit(link)
      } else {
        try take(step)
      }
    }
  }

  private mutating func take(_ step: String) throws(SystemRefusal) {
    let next = "\(current)/\(step)"
    var status = stat()
    guard lstat(next, &status) == 0 else { throw SystemRefusal(number: errno) }
    guard status.st_mode & S_IFMT == S_IFLNK else {
      current = next
      return
    }
    followed += 1
    guard followed <= Self.limit else { throw SystemRefusal(number: ELOOP) }
    guard let target = FilePath.linkTarget(next) else { throw SystemRefusal(number: errno) }
    var writer: Int?
    if exit == nil, let path = FilePath.relative(next, to: root) {
      let rest = pending.reversed().map(\.step)
      writer = names.count
      names.append(([path] + rest).joined(separator: "/"))
      links.append(InputLocation.Link(path: path, target: target))
    }
    pending += FilePath.steps(target).reversed().map { ($0, writer) }
    guard target.utf8.starts(with: "/".utf8) else { return }
    current = ""
    checkExit(writer)
  }

  /// Notes the link whose own words lead out of the worktree.
  private mutating func checkExit(_ link: Int?) {
    let isInside = "\(current)/".utf8.starts(with: "\(root)/".utf8)
    guard exit == nil, !isInside else { return }
    if let link {
      exit = names[link]
      links.removeSubrange(link...)
    } else {
      // The path itself leads out: no step that a link wrote is left, and no link matters.
      links = []
      names = []
    }
  }
}
