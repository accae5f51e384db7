package import Downloads
package import Logging
package import ModelService
package import Primitives
package import Store
package import Workflow

/// What the world offers to a kind that runs.
package struct Services: Sendable {
  package let store: Store
  package let models: any ModelGateway
  /// Data from elsewhere: what the store has of it, and what may be fetched.
  package let sources: SourceShelf
  package let runID: String
  /// The first of the runs that asked for the same anew and go on with each other; mostly `runID`.
  package let roundID: String
  /// Where a command's output goes.
  package let logPath: @Sendable (InstanceID) -> String
  /// Folder for scratch folders, on the store's disk so that outputs move by rename.
  package let scratch: String
  package let asking: AskingMode
  package let report: @Sendable (CallProgress) -> Void
  package let log: Logger

  package init(
    store: Store,
    models: any ModelGateway,
    sources: SourceShelf? = nil,
    runID: String,
    roundID: String? = nil,
    logPath: @escaping @Sendable (InstanceID) -> String,
    scratch: String,
    asking: AskingMode = .missing,
    report: @escaping @Sendable (CallProgress) -> Void,
    log: Logger
  ) {
    self.store = store
    self.models = models
    self.sources = sources ?? SourceShelf(store)
    self.runID = runID
    self.roundID = roundID ?? runID
    self.logPath = logPath
    self.scratch = scratch
    self.asking = asking
    self.report = report
    self.log = log
  }

  package var objects: ObjectStore { store.objects }
}

/// How far an instance is.
package struct CallProgress: Sendable {
  package var done: Int
  package var total: Int
  package var reused: Int
  package var failed: Int
  /// What was spent now, as far as it is known.
  package var spent: Money

  package init(
    done: Int,
    total: Int,
    reused: Int = 0,
    failed: Int = 0,
    spent: Money = .zero
  ) {
    self.done = done
    self.total = total
    self.reused = reused
    self.failed = failed
    self.spent = spent
  }
}

/// Leads from a model reference to a service that answers for it.
///
/// Embedded models need a server of the tool's own; it is started with the first call.
package protocol ModelGateway: Sendable {
  func endpoint(for model: ModelReference) async throws -> ModelEndpoint
  var calls: CallService { get }
}
