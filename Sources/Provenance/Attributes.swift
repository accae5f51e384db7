import CGit2

/// What `.gitattributes` say of paths, in one repository handle.
enum Attributes {
  /// The text that an attribute is set to; nil where it is unset, unspecified or only set.
  static func text(
    _ name: String,
    of path: String,
    in repository: OpaquePointer
  ) throws(GitError) -> String? {
    var value: UnsafePointer<CChar>?
    try GitError.check(
      git_attr_get(&value, repository, 0, path, name),
      "look for the attributes of '\(path)'"
    )
    guard let value, git_attr_value(value) == GIT_ATTR_VALUE_STRING else { return nil }
    return String(cString: value)
  }

  /// Whether git changes the bytes of a path by what libgit2 cannot do: a program, or a recoding.
  static func isConverted(_ path: String, in repository: OpaquePointer) throws(GitError) -> Bool {
    if try text("filter", of: path, in: repository) != nil { return true }
    return try text("working-tree-encoding", of: path, in: repository) != nil
  }
}
