import Diagnostics
import Downloads
import Engine
import Execution
import Foundation
import Logging
import ModelService
import NodeKinds
import Primitives
import Provenance
import Store
import Tasks
import Transfer
import Workflow

/// A workflow, its store and an engine over both: what `check`, `plan`, `run` and `explain` share.
struct Session {
  let workflow: CheckedWorkflow
  let store: Store
  let engine: Engine
  let calls: CallService
  let server: EmbeddedServer
  let catalog: ModelCatalog
  private let scratch: String

  /// Reads and checks a workflow; prints what is wrong and ends with 2 if anything is.
  ///
  /// `library` is a folder of library templates that come before the project's and the shipped ones.
  static func load(
    _ options: WorkflowOptions,
    _ common: CommonOptions,
    library: String? = nil
  ) throws -> CheckedWorkflow {
    let share = try ShareFolder.find()
    let loader = WorkflowSource(share: share, first: library)
    do {
      let workflow = try loader.load(options)
      if !common.quiet, !common.json {
        ProblemOutput.show(workflow.warnings, common)
      }
      return workflow
    } catch let problems as Problems {
      ProblemOutput.show(problems.all, common)
      throw ExitStatus.usage
    }
  }

  /// Prepares the engine over an open store.
  ///
  /// Commands that only look pass no run id and no terms, spend nothing and fetch nothing; `sources`
  /// says whether data may be fetched, `asking` which calls an instance may make, `round` which runs'
  /// answers are fresh, `observe` is told of progress inside instances.
  static func open(
    _ workflow: CheckedWorkflow,
    _ common: CommonOptions,
    runID: String? = nil,
    round: [String]? = nil,
    terms given: SpendingTerms? = nil,
    isSpending: Bool,
    store: Store,
    requestLog: String? = nil,
    library first: String? = nil,
    sources: SourceShelf.Access = .looking,
    asking: @escaping @Sendable (Instance) -> AskingMode = { _ in .missing },
    observe: @escaping @Sendable (InstanceID, CallProgress) -> Void = { _, _ in }
  ) async throws -> Session {
    let share = try ShareFolder.find()
    let logger = common.logger
    let terms = given ?? SpendingTerms(workflow)
    let calls = CallService(
      ledger: store.ledger,
      runID: runID,
      round: round,
      account: terms.account,
      budgets: terms.budgets,
      rates: RateBook(store),
      policy: terms.policy,
      log: logger
    )
    let server = EmbeddedServer(cache: store.path, requestLog: requestLog)
    let catalog = ModelCatalog(
      calls: calls,
      objects: store.objects,
      share: share,
      server: server,
      deployments: isSpending
        ? DeploymentService(
          ledger: store.ledger,
          runID: runID,
          transfer: TransferClient(),
          log: logger
        ) : nil
    )
    let scratch =
      "\(store.path)/scratch/\(runID ?? "plan-\(ProcessInfo.processInfo.processIdentifier)")"
    let name = runID ?? Engine.planning
    let logs = runID.map { store.runs.folder($0) }
    let library = WorkflowSource(share: share, first: first)
      .library(workflowFolder: folder(of: workflow))
    let engine = try await Engine(
      workflow,
      store: store,
      directory: catalog,
      templatePath: { library.path(of: $0) },
      services: { id in
        Services(
          store: store,
          models: catalog,
          sources: SourceShelf(store, access: sources),
          runID: name,
          roundID: round?.first,
          logPath: { logs?.logPath($0.text) ?? "\(scratch)/\($0.text).log" },
          scratch: scratch,
          asking: workflow.expansion[id].map(asking) ?? .missing,
          report: { observe(id, $0) },
          log: logger
        )
      }
    )
    return Session(
      workflow: workflow,
      store: store,
      engine: engine,
      calls: calls,
      server: server,
      catalog: catalog,
      scratch: scratch
    )
  }

  static func openStore(_ workflow: CheckedWorkflow, _ common: CommonOptions) async throws -> Store
  {
    let path = try StoreLocation.find(
      option: common.cache,
      workflowFolder: folder(of: workflow)
    )
    return try await Store.opened(at: path, mode: .create)
  }

  static func folder(of workflow: CheckedWorkflow) -> String {
    URL(fileURLWithPath: workflow.path).deletingLastPathComponent().path
  }

  /// Ends the server and removes scratch folders; the store stays open.
  func end() async {
    await server.stop()
    try? FileManager.default.removeItem(atPath: scratch)
  }

  /// Opens a session, hands it on, and ends it and its store however that ends.
  static func with<Value>(
    _ workflow: CheckedWorkflow,
    _ common: CommonOptions,
    isSpending: Bool = false,
    store given: Store? = nil,
    _ body: (Session) async throws -> Value
  ) async throws -> Value {
    let store: Store
    if let given { store = given } else { store = try await openStore(workflow, common) }
    return try await store.closing {
      let session = try await open(workflow, common, isSpending: isSpending, store: store)
      let result = await Result { try await body(session) }
      await session.end()
      return try result.get()
    }
  }
}

/// Loads workflows with the kinds, templates and models that this tool has.
struct WorkflowSource {
  let share: ShareFolder
  /// Library templates that come before all others.
  let first: String?

  func load(_ options: WorkflowOptions) throws -> CheckedWorkflow {
    var settings: [String: String] = [:]
    for parameter in options.parameters {
      guard let equals = parameter.firstIndex(of: "=") else {
        throw Problems([
          Problem(
            "'--set \(parameter)' is not of the form name=value",
            at: nil,
            hint: "write '--set train_rows=50'"
          )
        ])
      }
      settings[String(parameter[..<equals])] = String(parameter[parameter.index(after: equals)...])
    }
    let loader = WorkflowLoader(
      language: Languages.distill,
      templates: { library(workflowFolder: $0).names },
      shippedModels: try share.modelNames()
    )
    return try loader.load(path: options.workflow, set: settings)
  }

  /// The project's own templates before the shipped ones.
  func library(workflowFolder: String) -> TemplateLibrary {
    let own = ["templates", "workflows/templates"].map { "\(workflowFolder)/\($0)" }
    let folders = [first].compactMap(\.self) + own.filter(ShareFolder.isFolder)
    return TemplateLibrary(folders: folders + [share.templates])
  }
}

/// Prints problems for people, or as JSON where that was asked for.
enum ProblemOutput {
  /// Runs a step, and ends with 2 after showing what was wrong with what the user asked for.
  static func orExit<Value>(
    _ common: CommonOptions,
    _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch let problems as Problems {
      show(problems.all, common)
    } catch let problem as Problem {
      show([problem], common)
    } catch let error as RevisionError {
      show([Problem(error.description, at: nil, hint: error.hint)], common)
    } catch let error as GitError {
      show([Problem(error.description, at: nil, hint: error.hint)], common)
    }
    throw ExitStatus.usage
  }

  static func show(_ problems: [Problem], _ common: CommonOptions) {
    guard !problems.isEmpty else { return }
    if common.json {
      let list = JSON.array(problems.map { .object($0.json) })
      Terminal.output(["type": "problems", "version": 1, "problems": list])
      return
    }
    let printer = ProblemPrinter(color: Terminal.usesColor) { file in
      FileManager.default.contents(atPath: file).map { Array($0) }
    }
    Terminal.errorRaw(printer.text(of: problems))
    Terminal.error(ProblemPrinter.summary(of: problems))
  }
}
