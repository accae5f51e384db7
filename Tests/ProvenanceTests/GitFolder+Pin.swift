import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

extension GitFolder {
  /// A file as a run would hand it over, by its path below the folder or its absolute path.
  func input(_ file: String, nameOutside: String? = nil) throws -> PinInput {
    let path = file.hasPrefix("/") ? file : "\(path)/\(file)"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    return PinInput(
      path: path,
      digest: Digest(of: bytes),
      size: Int64(bytes.count),
      nameOutside: nameOutside
    )
  }

  @discardableResult
  func pin(_ files: [String], run id: String = "r1", at start: String = "") throws -> RunPin {
    let inputs = try files.map { try input($0) }
    return try #require(
      try RunPin.make(startingAt: "\(path)/\(start)", inputs: inputs, run: id)
    )
  }

  func repository(_ subfolder: String = "") throws -> Repository {
    guard let found = try Repository.discover(from: "\(path)/\(subfolder)") else {
      throw NoRepository()
    }
    return found
  }

  struct NoRepository: Error {}

  /// What a pin must leave alone: index, worktree, HEAD, branches and reflogs, as git sees them.
  func surroundings(_ subfolder: String = "") throws -> [String] {
    // The index would be refreshed by `git status`, were that allowed.
    let index = try git("rev-parse", "--path-format=absolute", "--git-path", "index", at: subfolder)
    let bytes = try? Data(contentsOf: URL(fileURLWithPath: index))
    return [
      try git("--no-optional-locks", "status", "--porcelain", "--ignored", at: subfolder),
      bytes.map { Digest(of: $0).hex } ?? "no index",
      try git("for-each-ref", "refs/heads", "refs/tags", "refs/remotes", at: subfolder),
      try git("symbolic-ref", "-q", "HEAD", at: subfolder, orElse: "detached"),
      try git("rev-parse", "-q", "--verify", "HEAD", at: subfolder, orElse: "unborn"),
      try git("reflog", "--all", at: subfolder, orElse: "none"),
    ]
  }

  /// git's output, or a text where git fails.
  func git(_ arguments: String..., at subfolder: String, orElse text: String) throws -> String {
    do {
      return try run(arguments, at: subfolder)
    } catch is GitFailed {
      return text
    }
  }

  /// Lets git check all objects and links between them.
  func check(_ subfolder: String = "") throws {
    let found = try git("fsck", "--strict", "--no-dangling", at: subfolder)
    #expect(found == "", "git fsck says: \(found)")
  }
}
