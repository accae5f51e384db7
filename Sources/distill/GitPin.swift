import Engine
import Primitives
import Provenance
import Workflow

/// The state of the repository that a run starts from.
struct GitPin {
  let commit: String?
  let isDirty: Bool
  /// What the run record holds; null outside a repository.
  let json: JSON

  /// Reads HEAD and the state of the workflow file and of every input.
  static func read(_ workflow: CheckedWorkflow, _ files: PinnedFiles) async throws -> GitPin {
    let inputs = [workflow.path] + files.all.map(\.path)
    return try await Blocking.run {
      guard let state = try GitState.read(startingAt: workflow.path, inputs: inputs) else {
        return GitPin(commit: nil, isDirty: false, json: .null)
      }
      return GitPin(commit: state.commit, isDirty: state.isDirty, json: state.json)
    }
  }
}
