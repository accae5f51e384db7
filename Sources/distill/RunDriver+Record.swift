import Engine
import Execution
import Primitives
import Provenance
import Store
import TinyLlama
import Workflow

// What of a run goes into its record beside its outcomes.

extension RunSummary {
  /// The status as the store's list of runs has it.
  var storedStatus: RunStatus {
    switch status {
    case .succeeded: .succeeded
    case .failed: .failed
    case .interrupted: .interrupted
    case .paused: .paused
    }
  }
}

extension RunDriver {
  /// Pins what the run reads, before anything is sent.
  func pin(_ session: Session, _ id: String) async throws -> GitPin {
    let files = session.engine.files
    guard let restored else {
      let pin = try await GitPin.make(workflow, files, run: id, store)
      if let warning = pin.warning { Terminal.error("warning: \(warning)") }
      return pin
    }
    let ref = try await Blocking.run { [source = restored.source] in
      try source.flatMap { source in
        try Repository.discover(from: source.repository)?.keep(source.commit, forRun: id)
      }
    }
    return GitPin(
      commit: restored.source?.commit,
      isDirty: false,
      json: restored.gitJSON(workflow, files, ref: ref),
      workflowPath: restored.workflowPath,
      warning: nil
    )
  }
}

/// What is known of a run before it begins.
struct RunDraft {
  let id: String
  let git: GitPin
  /// Milliseconds since 1970.
  let startedAt: Int64
  let models: JSON
  /// The commit whose files these are, if they are not those of the worktree.
  let restored: RestoredWorkflow?

  /// The record, with what the run came to; without it, that of a run which has begun.
  func record(
    _ workflow: CheckedWorkflow,
    _ files: PinnedFiles,
    _ summary: RunSummary? = nil,
    _ outcomes: [InstanceOutcome] = []
  ) -> JSON {
    let begun = RunSummary(
      id: id,
      outcomes: [],
      commit: git.commit,
      isDirty: git.isDirty,
      isInterrupted: false,
      seconds: 0
    )
    return RunRecord(
      summary: summary ?? begun,
      outcomes: outcomes,
      git: git.json,
      workflowPath: git.workflowPath,
      toolVersion: Tool.version,
      startedAt: startedAt,
      models: models,
      machine: Machine.json
    ).json(workflow, files) { restored?.place(of: $0) ?? $0 }
  }
}

extension Session {
  /// The workflow's models with their identities, as keys have them.
  func modelsJSON() async throws -> JSON {
    var members: [(key: String, value: JSON)] = []
    for (name, model) in workflow.expansion.models.sorted(by: { $0.key < $1.key }) {
      let identity = try await catalog.reference(to: model).identity
      members.append((name, ["declared": ModelText.json(model), "identity": identity]))
    }
    return .object(JSONObject(members))
  }
}

/// What the machine adds to results: embedded training depends on the kernels that BLAS chooses.
enum Machine {
  static var json: JSON {
    [
      "runtime": .string(TinyLlamaRuntime.version),
      "blas": .string(TinyLlamaRuntime.trainingKernel),
    ]
  }
}

extension JSON {
  /// An object with further members behind its own.
  func adding(_ members: [(key: String, value: JSON)]) -> JSON {
    .object(JSONObject((object?.members ?? []).map { ($0.key, $0.value) } + members))
  }
}

/// A model declaration as the run record has it.
private enum ModelText {
  static func json(_ model: ModelDeclaration) -> JSON {
    switch model.source {
    case .embedded(.shipped(let name)): ["embedded": .string(name)]
    case .embedded(.folder(let path)): ["embedded": .string(path)]
    case .endpoint(let endpoint):
      [
        "base_url": .string(endpoint.baseURL), "model": .string(endpoint.model),
        "revision": JSON(endpoint.revision), "price": price(model.price),
      ]
    }
  }

  /// Prices and their date, by which the costs of the run were counted.
  private static func price(_ price: ModelDeclaration.Price?) -> JSON {
    guard let price else { return .null }
    return [
      "input": number(price.input), "output": number(price.output),
      "training": number(price.training), "batch": .number(price.batch), "as_of": JSON(price.asOf),
    ]
  }

  private static func number(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
}
