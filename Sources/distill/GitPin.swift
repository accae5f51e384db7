import Engine
import Execution
import Foundation
import Primitives
import Provenance
import Store
import Workflow

/// The state that a run is pinned to: a commit for what git can hold, the store for the rest.
struct GitPin {
  /// HEAD's commit, or the one that was asked for.
  let commit: String?
  let isDirty: Bool
  /// What the run record holds; null outside a repository.
  let json: JSON
  /// The workflow file below the repository's root.
  let workflowPath: String?
  /// Why git could not be written to, where it could not; the store holds the bytes then.
  let warning: String?

  /// Pins the workflow file and every input, as they were when they were digested.
  ///
  /// Templates of the tool's own library are no part of the user's commit: the store keeps them.
  ///
  /// - Throws: `PinError` where a file changed meanwhile.
  static func make(
    _ workflow: CheckedWorkflow,
    _ files: PinnedFiles,
    run id: String,
    _ store: Store
  ) async throws -> GitPin {
    let inputs = try await inputs(workflow, files, store)
    let path = workflow.path
    let pin = try await Blocking.run {
      try RunPin.make(startingAt: path, inputs: inputs, run: id)
    }
    for file in files.all where files.libraryName(of: file.path) != nil {
      _ = try await store.objects.put(fileAt: file.path)
    }
    guard let pin else {
      for input in inputs { try await keep(input, store) }
      return GitPin(commit: nil, isDirty: false, json: .null, workflowPath: nil, warning: nil)
    }
    for pinned in pin.inputs where pinned.needsStore { try await keep(pinned.input, store) }
    return GitPin(
      commit: pin.state.commit,
      isDirty: pin.state.isDirty,
      json: pin.json,
      workflowPath: pin.inputs.first.flatMap { $0.isOutside ? nil : $0.treePath },
      warning: pin.notPinned.map { "the run is not pinned in git: \($0)" }
    )
  }

  /// Keeps the bytes of an input that git does not hold.
  private static func keep(_ input: PinInput, _ store: Store) async throws {
    guard try await store.objects.put(fileAt: input.path).digest != input.digest else { return }
    throw NodeFailure(
      "'\(input.path)' changed while the run was being pinned",
      hint: "run again once nothing writes to it"
    )
  }

  /// The workflow first.
  private static func inputs(
    _ workflow: CheckedWorkflow,
    _ files: PinnedFiles,
    _ store: Store
  ) async throws -> [PinInput] {
    let file = ObjectRef(digest: Digest(of: workflow.bytes), size: workflow.bytes.count)
    var found = [(path: workflow.path, object: file)]
    found += files.all.filter { files.libraryName(of: $0.path) == nil }
    for path in try checkpointFiles(workflow) {
      found.append((path, try await store.statCache.digest(ofFileAt: path)))
    }
    let root = try await repositoryRoot(of: workflow)
    return found.map { path, object in
      PinInput(
        path: path,
        digest: object.digest,
        size: Int64(object.size),
        nameOutside: files.isAbsolute(path) ? nil : root.map { RelativePath.of(path, from: $0) }
      )
    }
  }

  /// What files outside of the worktree are named from, so that the same state has the same commit
  /// wherever it is checked out.
  private static func repositoryRoot(of workflow: CheckedWorkflow) async throws -> String? {
    let folder = Session.folder(of: workflow)
    return try await Blocking.run {
      guard let repository = try Repository.discover(from: folder) else { return nil }
      return repository.root
    }
  }

  /// The files of checkpoints that lie in folders of the user's.
  private static func checkpointFiles(_ workflow: CheckedWorkflow) throws -> [String] {
    let folders = workflow.expansion.models.values.compactMap { model -> String? in
      if case .embedded(.folder(let path)) = model.source { path } else { nil }
    }
    return try Set(folders).sorted(by: UTF8Order.less).flatMap { folder in
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted(by: UTF8Order.less)
        .map { "\(folder)/\($0)" }.filter { !ShareFolder.isFolder($0) }
    }
  }
}
