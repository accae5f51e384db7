import ArgumentParser
import Engine
import Execution
import Primitives
import Store
import Workflow

/// Shows what a run would do and what it would cost; sends nothing.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a run would reuse and do, why, and which calls it would make."
  )

  @OptionGroup var options: WorkflowOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let workflow = try Session.load(options, common)
    try await CommandErrors.handled {
      let (plan, cache) = try await Session.with(workflow, common) {
        (try await $0.engine.plan(), $0.store.path)
      }
      guard plan.isComplete else {
        ProblemOutput.show(plan.problems, common)
        throw ExitStatus.usage
      }
      if common.json {
        Terminal.output(PlanText.json(plan, cache: cache, workflow))
      } else {
        Terminal.output(PlanText.full(plan, cache: cache))
      }
    }
  }
}

/// A plan in words.
enum PlanText {
  static func full(_ plan: Plan, cache: String) -> String {
    let width = plan.entries.map { $0.instance.id.text.count }.max() ?? 0
    var lines = plan.entries.map { entry in
      let name = entry.instance.id.text
      let padding = String(repeating: " ", count: width - name.count)
      return "\(name)\(padding)  \(action(entry))"
    }
    lines.append(summary(plan, cache: cache))
    return lines.joined(separator: "\n")
  }

  /// One closing line: how many instances, how many calls.
  static func summary(_ plan: Plan, cache: String) -> String {
    var parts = [
      "\(plan.count("reuse")) cached", "\(plan.count("run")) to run",
      "\(plan.count("unknown")) behind those",
    ]
    let calls = plan.entries.compactMap(\.calls)
    if !calls.isEmpty {
      let total = calls.reduce(0) { $0 + $1.toMake }
      let paid = calls.reduce(0) { $0 + $1.paid }
      parts.append("calls known: \(total) to make, \(paid) paid already")
    }
    return parts.joined(separator: ", ") + " (cache: \(cache))"
  }

  private static func action(_ entry: Plan.Entry) -> String {
    switch entry.action {
    case .reuse: return "cached"
    case .unknown(let waitsOn):
      return "unknown: waits on \(waitsOn.map(\.text).joined(separator: ", "))"
    case .run:
      var text = "to run: \(entry.reasons.joined(separator: ", "))"
      if let calls = entry.calls {
        text += "; \(calls.toMake) calls to make, \(calls.paid) paid already"
        text += ", at most \(calls.maxCompletionTokens) completion tokens"
      }
      return text
    }
  }

  static func json(_ plan: Plan, cache: String, _ workflow: CheckedWorkflow) -> JSON {
    [
      "type": "plan", "version": 1, "workflow": .string(workflow.name), "cache": .string(cache),
      "instances": .array(plan.entries.map(json)),
    ]
  }

  private static func json(_ entry: Plan.Entry) -> JSON {
    var waits: [InstanceID] = []
    if case .unknown(let ids) = entry.action { waits = ids }
    return [
      "id": .string(entry.instance.id.text), "kind": .string(entry.instance.kind.name),
      "action": .string(entry.action.word),
      "waits_on": .array(waits.map { .string($0.text) }),
      "reasons": .array(entry.reasons.map(JSON.string)),
      "calls": entry.calls.map { calls in
        [
          "to_make": JSON(calls.toMake), "paid": JSON(calls.paid),
          "max_completion_tokens": JSON(calls.maxCompletionTokens),
        ]
      } ?? .null,
      "key": JSON(entry.key?.hex),
    ]
  }
}
