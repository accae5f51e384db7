package import Primitives

/// The inputs of a run as a commit that git's own gc keeps.
package struct RunPin: Sendable {
  /// Larger files that are not in HEAD do not become part of a commit, in bytes.
  package static let sizeLimit: Int64 = 10 * 1024 * 1024

  package let state: GitState
  /// In the order asked for.
  package let inputs: [PinnedInput]
  /// HEAD's commit if it holds every input, else one made for the run; nil only if git could not be
  /// written before the first commit.
  package let commit: String?
  /// `refs/distill/runs/<id>`; nil if git could not be written.
  package let ref: String?
  /// Why git could not be written; the run can go on, its inputs pinned by digest alone.
  package let notPinned: GitError?

  /// What a run record keeps.
  package var json: JSON {
    [
      "commit": JSON(state.commit), "branch": JSON(state.branch), "remote": JSON(state.remote),
      "dirty": .bool(state.isDirty), "run_commit": JSON(commit), "ref": JSON(ref),
      "not_pinned": JSON(notPinned?.description),
      "inputs": .array(inputs.map(\.json)),
    ]
  }
}

extension PinnedInput {
  var json: JSON {
    var object = JSONObject([
      ("path", .string(treePath)), ("status", .string(state.status.rawValue)),
      ("blob", .string(state.blob)), ("head_blob", JSON(state.headBlob)),
      ("sha256", .string(input.digest.hex)), ("size", .integer(input.size)),
      ("pinned", .string(place.rawValue)),
    ])
    if let reason { object["reason"] = .string(reason.rawValue) }
    if isLargeFile { object["large_file"] = true }
    if let submodule {
      object["submodule"] = [
        "path": .string(submodule.path), "commit": .string(submodule.commit),
        "file": .string(submodule.file),
      ]
    }
    return .object(object)
  }
}
