import CGit2
package import Primitives

extension Repository {
  /// Writes the files of a commit into a folder, as git would check them out here by the commit's
  /// own attributes.
  ///
  /// Nothing is written outside of the folder or through a symbolic link. Files whose bytes git does
  /// not have are named in the result.
  ///
  /// - Parameters:
  ///   - commit: 40 hexadecimal digits.
  ///   - folder: A folder that is empty or not there yet.
  ///   - expecting: Digests by path. Where this clone's settings would give other bytes, the blob's
  ///     own or those with other line ends are written if they have the digest.
  ///   - isSelected: Whether a path is wanted.
  /// - Returns: What was written, and what is missing.
  /// - Throws: `GitError` where git cannot be read or the folder cannot be written.
  package func restore(
    _ commit: String,
    to folder: String,
    expecting: [String: Digest] = [:],
    selecting isSelected: (String) -> Bool = { _ in true }
  ) throws(GitError) -> RestoredTree {
    let tree = try tree(of: commit)
    let manifest = try manifest(in: commit).filter { isSelected($0.path) }
    let taken = Set(manifest.map(\.path)).union([InputManifest.path])
    var writer = TreeWriter(
      folder: try PrivateFolder.new(folder),
      result: RestoredTree(folder),
      expecting: expecting
    )
    writer.result.needed = manifest.map { RestoredTree.Needed($0) }
    try writer.write(tree, of: self, below: "") { !taken.contains($0) && isSelected($0) }
    return writer.result
  }
}

extension RestoredTree.Needed {
  fileprivate init(_ file: ManifestFile) {
    self.init(
      path: file.path,
      digest: file.digest,
      size: file.size,
      isExecutable: file.isExecutable,
      isOutside: file.isOutside,
      source: .manifest
    )
  }
}
