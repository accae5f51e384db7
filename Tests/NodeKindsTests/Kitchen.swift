import Diagnostics
import Execution
import Foundation
import ModelService
import NodeKinds
import Primitives
import Store
import TestSupport
import Testing
import Workflow

/// A store in which kinds run on inputs made by hand.
///
/// Settings come from a workflow text, so that defaults and types are the checker's.
struct Kitchen {
  let folder: TemporaryFolder
  let store: Store

  init() async throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/scratch",
      withIntermediateDirectories: true
    )
    store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
  }

  private static let loader = WorkflowLoader(
    language: Language(kinds: KindList.all),
    templates: { _ in ["math/cot", "math/vanilla"] },
    shippedModels: ["tiny-teacher"],
    files: FileLookup(kind: { _ in .file }, names: { _ in [] })
  )

  /// What every workflow of these tests may refer to.
  static let head = """
    models:
      teacher: {embedded: tiny-teacher}
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      recorded: {kind: import-completions, format: jsonl, path: answers.jsonl, data: rows, id: id}
      labels: {kind: parse, completions: answers}
      scores: {kind: evaluate, of: labels}
    """

  /// A node behind those of `head`, expanded.
  static func instance(
    _ node: String,
    behind head: String = head
  ) throws -> (instance: Instance, workflow: CheckedWorkflow) {
    let text = head + "\n  node: " + node + "\n"
    let workflow = try loader.load(Array(text.utf8), path: "/w/plan.yaml")
    let instance = try #require(workflow.expansion.instances.first { $0.node == "node" })
    return (instance, workflow)
  }

  /// The errors of a node behind those of `head`: `message (hint)`.
  static func problems(_ node: String) -> [String] {
    do {
      _ = try instance(node)
      return []
    } catch let problems as Problems {
      return problems.all.filter { $0.severity == .error }
        .map { "\($0.message) (\($0.hint ?? ""))" }
    } catch {
      return ["\(error)"]
    }
  }

  // MARK: Inputs

  /// An object of JSON Lines.
  func lines(_ rows: [JSON]) async throws -> ObjectRef {
    try await store.objects.put(rows.map { $0.canonicalText + "\n" }.joined())
  }

  func rows(_ type: ArtifactType, _ rows: [JSON]) async throws -> Artifact {
    Artifact(type: type, parts: [(Part.rows, try await lines(rows))])
  }

  func completions(_ rows: [CompletionRow]) async throws -> Artifact {
    try await self.rows(.completions, rows.map(\.json))
  }

  func labels(_ rows: [LabelRow]) async throws -> Artifact {
    try await self.rows(.labels, rows.map(\.json))
  }

  func artifact(_ type: ArtifactType, _ parts: [(String, JSON)]) async throws -> Artifact {
    var made: [(part: String, object: ObjectRef)] = []
    for (part, json) in parts {
      made.append((part, try await store.objects.put(json.canonicalText)))
    }
    return Artifact(type: type, parts: made)
  }

  /// A file of the user's with the digest that it has now.
  func file(_ text: String, _ name: String) async throws -> InputFile {
    try await file(at: folder.write(text, to: name), written: name)
  }

  func file(at path: String, written name: String) async throws -> InputFile {
    InputFile(
      path: path,
      written: name,
      object: try await store.statCache.digest(ofFileAt: path)
    )
  }

  // MARK: Running

  var services: Services {
    let root = folder.path
    return Services(
      store: store,
      models: RecordedOnly(calls: CallService(ledger: store.ledger, runID: "run-1")),
      runID: "run-1",
      logPath: { "\(root)/\($0.text).log" },
      scratch: "\(root)/scratch",
      report: { _ in },
      log: .silent
    )
  }

  /// Runs a node whose artifacts stand in the slots given.
  func run(
    _ node: String,
    _ artifacts: [(slot: String, artifact: Artifact)] = [],
    files: [(slot: String, file: InputFile)] = [],
    model: ModelReference? = nil
  ) async throws -> Made {
    let inputs = artifacts.map { slot, artifact in
      (
        slot: slot,
        input: InputArtifact(
          artifact: artifact,
          instance: InstanceID(slot),
          point: MatrixPoint(),
          output: nil
        )
      )
    }
    return try await run(node, inputs: inputs, files: files, model: model)
  }

  func run(
    _ node: String,
    behind head: String = head,
    inputs: [(slot: String, input: InputArtifact)],
    files: [(slot: String, file: InputFile)] = [],
    model: ModelReference? = nil
  ) async throws -> Made {
    let instance = try Self.instance(node, behind: head).instance
    let kind = try #require(instance.kind as? any RunnableKind.Type)
    let output = OutputWriter(objects: store.objects)
    let outcome = try await kind.run(
      Inputs(
        instance: instance,
        artifacts: inputs,
        models: model.map { [("model", $0)] } ?? [],
        files: files
      ),
      output,
      services
    )
    return Made(outcome: outcome, parts: await output.collected, store: store)
  }

  /// How a run failed; nil where it did not.
  func failure(_ body: () async throws -> Made) async throws -> NodeFailure? {
    do {
      _ = try await body()
      return nil
    } catch let failure as NodeFailure {
      return failure
    }
  }
}

/// What a kind yielded.
struct Made {
  let outcome: NodeOutcome
  let parts: [(part: String, object: ObjectRef)]
  let store: Store

  var names: [String] { parts.map(\.part) }

  func text(_ part: String) async throws -> String {
    let object = try #require(parts.first { $0.part == part }?.object)
    return String(decoding: try await store.objects.read(object), as: UTF8.self)
  }

  func json(_ part: String) async throws -> JSON {
    try JSON(parsing: Array(try await text(part).utf8))
  }

  func lines(_ part: String) async throws -> [JSON] {
    try await text(part).split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
  }

  /// Each part's digest, for the tests that pin them.
  var digests: [String] { parts.map { "\($0.part) \($0.object.digest.hex)" } }
}

/// Answers what the ledger holds; nothing may be sent.
struct RecordedOnly: ModelGateway {
  let calls: CallService

  func endpoint(for model: ModelReference) async throws -> ModelEndpoint {
    preconditionFailure("BUG: a call that has a recorded answer is to be sent")
  }
}

extension CompletionRow {
  init(
    _ id: String,
    _ text: String,
    sample: Int = 0,
    _ state: Answer.State = .answered,
    tokens: Int? = 5
  ) {
    self.init(
      id: id,
      sample: sample,
      state: state,
      text: text,
      promptTokens: tokens.map { $0 * 2 },
      completionTokens: tokens
    )
  }
}

extension LabelRow {
  init(_ id: String, _ label: String?, _ state: State = .valid) {
    self.init(
      id: id,
      state: state,
      label: label,
      strict: nil,
      flexible: label,
      votes: label == nil ? 0 : 1,
      readable: label == nil ? 0 : 1
    )
  }
}
