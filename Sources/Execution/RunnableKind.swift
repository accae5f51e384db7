// Execution: what a kind of node is given to run with (inputs, outputs, services) and what it
// answers. It knows nothing about which kinds there are, nor when they run.

package import Downloads
package import Primitives
package import Workflow

/// A kind of node that can run.
package protocol RunnableKind: NodeKind {
  /// What running costs: how the scheduler limits it and whether `plan` may do it at once.
  static var work: WorkClass { get }

  /// Versions of the reader, renderer, metric or reading that this instance's result depends on.
  /// They stand in the action key.
  static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject

  static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome

  /// Checks what can be checked before anything is paid, on the inputs that are known by then;
  /// others are absent. Throws `Problem`, `Problems` or `NodeFailure`.
  static func preflight(_ inputs: Inputs, _ services: Services) async throws

  /// The model calls that `run` would make for these inputs, for `plan`; nothing is sent.
  static func plannedCalls(_ inputs: Inputs, _ services: Services) async throws -> PlannedCalls?

  /// Asks about the first rows of each dataset, for an estimate; the answers are kept, and paid for.
  static func pilot(_ inputs: Inputs, _ services: Services, rows: Int) async throws -> PilotAnswers?

  /// Names of local pools whose slots one run takes, besides that of its class.
  static func pools(of instance: Instance) -> [String]

  /// Slots of file fields that also take a folder; elsewhere a folder is an error.
  static var folderSlots: [String] { get }

  /// Data from elsewhere that `run` reads, whether the store has it or not.
  static func remoteSources(of instance: Instance) -> [RemoteSource]

  /// Which slots hold rows that are learnt from, chosen by, or scored on: those must not overlap.
  static var rowUses: [RowUse] { get }
}

extension RunnableKind {
  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    JSONObject()
  }
  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {}
  package static func plannedCalls(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> PlannedCalls? { nil }
  package static func pilot(
    _ inputs: Inputs,
    _ services: Services,
    rows: Int
  ) async throws -> PilotAnswers? { nil }
  package static func pools(of instance: Instance) -> [String] { [] }
  package static var folderSlots: [String] { [] }
  package static func remoteSources(of instance: Instance) -> [RemoteSource] { [] }
  package static var rowUses: [RowUse] { [] }
}

/// What running an instance costs.
package enum WorkClass: String, Sendable {
  /// Quick, local and free: reading a dataset, a template. `check` and `plan` do it at once, since
  /// what comes of it tells them which calls there are and whether they can be made.
  case preparation
  /// Local computing: takes a slot of the machine's cores.
  case local
  /// Model calls: limited by each model's own limits, not by cores.
  case calls
  /// Fine-tuning, by whoever serves the model.
  case training
}

/// What an instance that succeeded says of itself.
package struct NodeOutcome: Sendable {
  /// Facts for the run record and the tables of `plan` and `run`: counts, tokens, money.
  package var facts: JSONObject
  /// What a person should know: rows dropped, disagreements, a model that changed its name.
  package var notes: [String]

  package init(facts: JSONObject = JSONObject(), notes: [String] = []) {
    self.facts = facts
    self.notes = notes
  }
}
