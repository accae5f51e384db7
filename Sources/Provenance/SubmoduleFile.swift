/// Where a file lies in a submodule.
package struct SubmoduleFile: Hashable, Sendable {
  /// The submodule's folder below the worktree's root.
  package let path: String
  /// The commit of the submodule that HEAD's tree names.
  package let commit: String
  /// The file below the submodule's folder.
  package let file: String
}
