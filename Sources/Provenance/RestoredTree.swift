package import Primitives

/// The files of a commit in a folder of their own, and what is missing there.
package struct RestoredTree: Sendable {
  /// A file whose bytes git does not have.
  package struct Needed: Hashable, Sendable {
    package enum Source: String, Sendable {
      /// Named by the commit's `.distill/inputs.json`.
      case manifest
      /// Named by a pointer of Git LFS, and not in the clone.
      case largeFile = "large-file"
    }

    /// Below the folder; a file outside as the run called it.
    package let path: String
    package let digest: Digest
    /// In bytes.
    package let size: Int64
    package let isExecutable: Bool
    package let isOutside: Bool
    package let source: Source

    package init(
      path: String,
      digest: Digest,
      size: Int64,
      isExecutable: Bool,
      isOutside: Bool,
      source: Source
    ) {
      self.path = path
      self.digest = digest
      self.size = size
      self.isExecutable = isExecutable
      self.isOutside = isOutside
      self.source = source
    }
  }

  package struct Refused: Hashable, Sendable {
    package let path: String
    package let reason: String
  }

  package struct Submodule: Hashable, Sendable {
    package let path: String
    package let commit: String
    /// Why its files are not there; nil where they are.
    package let missing: String?
  }

  package let folder: String
  /// Written, links included, sorted by the bytes of their paths.
  package internal(set) var files: [String] = []
  /// To be filled from the store.
  package internal(set) var needed: [Needed] = []
  /// Written as git gives them, which is not with the digest expected.
  package internal(set) var differing: [String] = []
  /// Written as git holds them, without the program or recoding that their attributes ask for.
  package internal(set) var unconverted: [String] = []
  /// Not written, since that would lead out of the folder, or one over the other.
  package internal(set) var refused: [Refused] = []
  package internal(set) var submodules: [Submodule] = []

  init(_ folder: String) { self.folder = folder }

  /// Copies bytes to where a needed file belongs; symbolic links on the way are not followed.
  ///
  /// - Parameters:
  ///   - file: One of `needed` that is not outside.
  ///   - source: A file with the bytes, as an object of the store is.
  /// - Throws: `GitError` for bytes with another digest, of which nothing stays.
  package func fill(_ file: Needed, from source: String) throws(GitError) {
    let operation = "put '\(file.path)' into '\(folder)'"
    let steps = FilePath.steps(file.path)
    guard !file.isOutside else {
      throw GitError(operation, reason: "it belongs outside of the folder")
    }
    for step in steps {
      if let problem = TreePath.problem(of: step) { throw GitError(operation, reason: problem) }
    }
    let isRight: Bool
    do throws(SystemRefusal) {
      isRight = try PrivateFolder(opening: folder)
        .copy(source, to: file.path, file.digest, isExecutable: file.isExecutable)
    } catch {
      throw GitError(operation, system: error.number)
    }
    guard isRight else {
      throw GitError(
        operation,
        reason: "the bytes in '\(source)' have not the digest \(file.digest.short)…"
      )
    }
  }
}
