import ArgumentParser
import Engine
import Execution
import Foundation
import ModelServer
import Primitives
import Provenance
import Store
import Workflow

/// Checks a workflow, its data and its templates; sends nothing.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a workflow, its data and its templates, without any model call."
  )

  @OptionGroup var options: WorkflowOptions
  @OptionGroup var common: CommonOptions

  @Flag(help: "Fail (exit code 1) unless the workflow would do what its lock file says.")
  var locked = false

  func run() async throws {
    let workflow = try Session.load(options, common)
    try await CommandErrors.handled {
      // Data is read into the store if there is one; else into one that goes again.
      let path = try StoreLocation.find(
        option: common.cache,
        workflowFolder: Session.folder(of: workflow)
      )
      let isLasting = StoreFolder.isStore(path)
      let folder =
        isLasting ? path : FileManager.default.temporaryDirectory.path + "/distill-check-\(UUID())"
      defer { if !isLasting { try? FileManager.default.removeItem(atPath: folder) } }
      let store = try await Store.opened(at: folder, mode: .create)
      let lock =
        locked ? try await ProblemOutput.orExit(common) { try LockOutput.read(of: workflow) } : nil
      let differences: [LockDifference] = try await Session.with(
        workflow,
        common,
        store: store
      ) { session in
        let plan = try await session.engine.plan()
        guard plan.isComplete else {
          ProblemOutput.show(plan.problems + plan.warnings, common)
          throw ExitStatus.usage
        }
        tell(plan)
        guard let lock else { return [] }
        return try await session.engine.differences(from: lock)
      }
      guard differences.isEmpty else {
        for difference in differences { Terminal.error("error: \(difference.text)") }
        Terminal.error("the lock does not hold; 'distill run --lock' writes it anew")
        throw ExitStatus.failed
      }
    }
    report(workflow)
  }

  /// What is odd about the data, and what of it was not there to be looked at.
  private func tell(_ plan: Plan) {
    guard !common.quiet, !common.json else { return }
    ProblemOutput.show(plan.warnings, common)
    for source in plan.fetches { Terminal.error(MissingSourceText.note(source)) }
  }

  private func report(_ workflow: CheckedWorkflow) {
    guard !common.json else {
      let nodes = workflow.nodes.map { node -> JSON in
        [
          "node": .string(node.name), "kind": .string(node.kind),
          "axes": .object(JSONObject(node.axes.map { ($0.name, JSON($0.count)) })),
          "instances": JSON(node.instances.count),
        ]
      }
      return Terminal.output([
        "type": "check", "version": 1, "workflow": .string(workflow.name), "ok": true,
        "nodes": .array(nodes), "instances": JSON(workflow.expansion.instances.count),
      ])
    }
    guard !common.quiet else { return }
    for node in workflow.nodes { Terminal.output(NodeText.line(node)) }
    Terminal.output(
      "\(workflow.name): ok, \(workflow.nodes.count) nodes, "
        + "\(workflow.expansion.instances.count) instances"
    )
  }
}

/// A node with its axes: `answers: dataset (12) × style (2) = 24`.
enum NodeText {
  static func line(_ node: CheckedWorkflow.NodeSummary) -> String {
    guard !node.axes.isEmpty else { return "\(node.name): \(node.kind)" }
    let axes = node.axes.map { "\($0.name) (\($0.count))" }.joined(separator: " × ")
    return "\(node.name): \(node.kind), \(axes) = \(node.instances.count)"
  }
}

/// Errors of the layers below as messages and exit codes.
enum CommandErrors {
  static func handled<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let status as ExitStatus {
      throw status
    } catch let error as StoreError {
      Terminal.error("error: \(error)")
      throw error.isDamage ? ExitStatus.damagedCache : StoreExit.status(of: error)
    } catch let error as ListenError {
      Terminal.error("error: \(error)")
      throw ExitStatus.usage
    } catch let error as PinError {
      Terminal.error("error: \(error)" + (error.hint.map { "\n  hint: \($0)" } ?? ""))
      throw ExitStatus.failed
    } catch let error as GitError {
      Terminal.error("error: \(error)" + (error.hint.map { "\n  hint: \($0)" } ?? ""))
      throw ExitStatus.failed
    } catch {
      Terminal.error("error: \(NodeFailure(wrapping: error))")
      throw ExitStatus.failed
    }
  }
}

/// Which store errors are the user's to mend before anything runs.
private enum StoreExit {
  static func status(of error: StoreError) -> ExitStatus {
    switch error {
    case .notAStore, .newerFormat, .olderFormat, .missingStore, .noSuchRun, .ambiguousRun,
      .noSuchCall, .ambiguousCall:
      .usage
    default: .failed
    }
  }
}
