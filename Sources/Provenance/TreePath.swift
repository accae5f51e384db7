/// Names that are not to be put into a tree, or not to be written from one.
enum TreePath {
  /// Whether a path is one that git keeps for itself, or the manifest's.
  static func isReserved(_ path: String) -> Bool {
    FilePath.steps(path).contains(where: isGitsOwn) || path == InputManifest.path
      || path == FilePath.folder(of: InputManifest.path)
  }

  /// Whether git would take a name for its own folder on some file system.
  ///
  /// Source: git's `is_ntfs_dotgit` and `is_hfs_dotgit`, for what this tool runs on.
  static func isGitsOwn(_ name: String) -> Bool {
    // HFS+ ignores these characters within a name.
    let isIgnored = { (scalar: Unicode.Scalar) in
      switch scalar.value {
      case 0x200C...0x200F, 0x202A...0x202E, 0x206A...0x206F, 0xFEFF: true
      default: false
      }
    }
    let plain = String(String.UnicodeScalarView(name.unicodeScalars.filter { !isIgnored($0) }))
      .lowercased()
    return plain == ".git" || plain == "git~1"
  }

  /// Why nothing is to be written under a name; nil where it may.
  static func problem(of name: String) -> String? {
    if name.isEmpty || name == "." || name == ".." { return "its name is '\(name)'" }
    if name.utf8.contains(UInt8(ascii: "/")) { return "its name holds a slash" }
    if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      return "its name holds a line end or another control character"
    }
    return isGitsOwn(name) ? "its name is one that git keeps for itself" : nil
  }

  /// Names, in small letters, that several of the given ones come to where case does not count.
  ///
  /// Comparing texts takes composed and decomposed accents for equal, as such file systems do.
  static func twins(among names: [String]) -> Set<String> {
    var seen: Set<String> = []
    var twins: Set<String> = []
    for name in names where !seen.insert(name.lowercased()).inserted {
      twins.insert(name.lowercased())
    }
    return twins
  }

  /// Whether a symbolic link leads to a place below the root whatever other links there are.
  ///
  /// Upwards only first, and no further than the root: behind a name, which may be a link itself,
  /// `..` could lead anywhere.
  static func isInside(linkAt path: String, leadingTo target: String) -> Bool {
    guard !target.isEmpty, !target.utf8.starts(with: "/".utf8),
      !target.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
    else { return false }
    let steps = FilePath.steps(target)
    let ups = steps.prefix { $0 == ".." }.count
    return ups < FilePath.steps(path).count && !steps.dropFirst(ups).contains("..")
      && !steps.contains(where: isGitsOwn)
  }
}
