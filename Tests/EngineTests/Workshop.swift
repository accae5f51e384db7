import Engine
import Execution
import Foundation
import ModelService
import NodeKinds
import Primitives
import Store
import Synchronization
import TestSupport
import Workflow

/// A folder with files and a store in it, and engines for workflows that lie there.
struct Workshop {
  let folder: TemporaryFolder
  let store: Store

  init() async throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/logs",
      withIntermediateDirectories: true
    )
    store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
  }

  /// As another process would open it: with locks of its own.
  func anotherStore() async throws -> Store {
    try await Store.open(at: store.path, mode: .existing)
  }

  /// The workflow `plan.yaml` of this folder, which must be without errors.
  func workflow(_ text: String, file: String = "plan.yaml") throws -> CheckedWorkflow {
    let loader = WorkflowLoader(
      language: Language(kinds: KindList.all),
      templates: { _ in ["math/steps"] }
    )
    return try loader.load(Array(text.utf8), path: "\(folder.path)/\(file)")
  }

  func engine(_ text: String, on store: Store? = nil, runID: String = "run-1") async throws
    -> Engine
  {
    try await engine(workflow(text), on: store, runID: runID)
  }

  func engine(_ workflow: CheckedWorkflow, on other: Store? = nil, runID: String = "run-1")
    async throws -> Engine
  {
    let store = other ?? store
    let root = folder.path
    return try await Engine(
      workflow,
      store: store,
      directory: NoModels(),
      templatePath: { "\(root)/\($0).yaml" },
      services: { _ in
        Services(
          store: store,
          models: NoModels(),
          runID: runID,
          logPath: { "\(root)/logs/\($0.text).log" },
          scratch: "\(store.path)/scratch",
          report: { _ in },
          log: .silent
        )
      }
    )
  }

  /// Runs a workflow; `id` is the run's.
  @discardableResult
  func run(
    _ text: String,
    id: String = "run-1",
    _ settings: RunSettings = RunSettings(localSlots: 2)
  ) async throws -> [InstanceOutcome] {
    try await engine(text, runID: id).run(settings, runID: id) { _ in }
  }

  /// The record of a run, with nothing in it that this machine or this moment shapes.
  func record(_ outcomes: [InstanceOutcome], of engine: Engine, _ summary: RunSummary) -> JSON {
    RunRecord(
      summary: summary,
      outcomes: outcomes,
      git: ["head": "c0ffee"],
      workflowPath: nil,
      toolVersion: "0.1.0",
      startedAt: 1_700_000_000_000,
      models: [:],
      machine: ["cpu": "any"]
    ).json(engine.workflow, engine.files)
  }

  func plan(_ text: String) async throws -> Plan { try await engine(text).plan() }

  /// The key of a node that has one instance, as `plan` finds it.
  func key(of node: String, in text: String) async throws -> Digest? {
    try await plan(text).entries.first { $0.instance.node == node }?.key
  }

  /// Sets the times of a file, so that only its stamp changes.
  func touch(_ name: String, at seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: seconds)],
      ofItemAtPath: "\(folder.path)/\(name)"
    )
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder.path)/\(name)")
  }

  /// The text of an outcome's part.
  func text(_ outcome: InstanceOutcome?, _ part: String) async throws -> String? {
    guard let object = outcome?.yield?[part] else { return nil }
    return String(decoding: try await store.objects.read(object), as: UTF8.self)
  }
}

extension [InstanceOutcome] {
  subscript(id: String) -> InstanceOutcome? { first { $0.id.text == id } }

  /// `first ran`, `second reused`, in the workflow's order.
  var lines: [String] { map { "\($0.id.text) \($0.status.rawValue)" } }
}

extension Plan {
  subscript(id: String) -> Entry? { entries.first { $0.instance.id.text == id } }

  var lines: [String] { entries.map { "\($0.instance.id.text) \($0.action.word)" } }
}

/// Where no model is mentioned none may be asked for.
struct NoModels: ModelDirectory {
  var calls: CallService { preconditionFailure("BUG: a workflow without models made a call") }

  func reference(to declaration: ModelDeclaration) async throws -> ModelReference {
    preconditionFailure("BUG: a workflow without models asked for '\(declaration.name)'")
  }

  func reference(toTuned json: JSON, output: Digest, base: ModelReference) throws
    -> ModelReference
  {
    preconditionFailure("BUG: a workflow without models asked for a tuned one")
  }

  func endpoint(for model: ModelReference) async throws -> ModelEndpoint {
    preconditionFailure("BUG: a workflow without models asked for an endpoint")
  }
}

/// The events of a run, in the order in which they were told.
final class EventList: Sendable {
  private let events = Mutex<[RunEvent]>([])

  func add(_ event: RunEvent) { events.withLock { $0.append(event) } }

  var all: [RunEvent] { events.withLock { $0 } }

  /// `start`, `start first`, `end first ran`: what happened to what.
  var lines: [String] {
    all.map { event in
      switch event {
      case .started: "start"
      case .instanceStarted(let id): "start \(id)"
      case .progress(let id, _): "progress \(id)"
      case .instanceEnded(let outcome): "end \(outcome.id) \(outcome.status.rawValue)"
      case .ended: "end"
      }
    }
  }
}

/// Waits until something holds that another task brings about.
func wait(until holds: () throws -> Bool) async throws {
  while try !holds() { try await Task.sleep(for: .milliseconds(5)) }
}
