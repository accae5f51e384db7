import Engine
import Execution
import Primitives
import Workflow

/// A plan in words.
enum PlanText {
  static func full(_ report: PlanReport, cache: String) -> String {
    let entries = report.plan.entries
    let width = entries.map { $0.instance.id.text.count }.max() ?? 0
    var lines = entries.map { entry in
      let name = entry.instance.id.text
      let padding = String(repeating: " ", count: width - name.count)
      return "\(name)\(padding)  \(action(entry))"
    }
    lines += summary(report, cache: cache)
    return lines.joined(separator: "\n")
  }

  /// The closing lines: how many instances and calls, what they cost, what is left of the budget.
  static func summary(_ report: PlanReport, cache: String) -> [String] {
    let plan = report.plan
    let counts = [
      "\(plan.count("reuse")) cached", "\(plan.count("run")) to run",
      "\(plan.count("unknown")) behind those",
    ]
    var lines = ["\(counts.joined(separator: ", ")) (cache: \(cache))"]
    if !plan.fetches.isEmpty {
      lines.append("\(Amounts.count(plan.fetches.count, "source")) to fetch: only 'run' does so")
    }
    if let calls = report.calls { lines.append("calls known: \(text(calls))") }
    if let budget = report.budget {
      lines.append(budget.text)
      if report.mayPause {
        lines.append(
          "at worst the calls known cost more than the \(budget.left) left: the run would pause then"
        )
      }
    }
    return lines
  }

  private static func action(_ entry: Plan.Entry) -> String {
    switch entry.action {
    case .reuse: return "cached"
    case .unknown(let waitsOn):
      return "unknown: waits on \(waitsOn.map(\.text).joined(separator: ", "))"
    case .run:
      let reasons = "to run: \(entry.reasons.joined(separator: ", "))"
      return entry.calls.map { "\(reasons); \(text($0))" } ?? reasons
    }
  }

  /// `100 calls to make, 20 paid already (0.12 USD); 5,000–9,000 tokens in, 100–51,200 out; …`.
  private static func text(_ calls: PlannedCalls) -> String {
    var made = "\(Amounts.count(calls.toMake, "call")) to make"
    made += ", \(Amounts.count(calls.paid)) paid already"
    if calls.paid > 0 { made += " (\(Amounts.money(calls.paidCost)))" }
    guard calls.toMake > 0 else { return made }
    let input = Amounts.count(calls.promptTokens)
    let output = Amounts.count(calls.completionTokens)
    let limit = calls.unlimited > 0 ? " or more" : ""
    let cost = calls.cost.map { Amounts.money($0) } ?? "cost unknown"
    return "\(made); \(input) tokens in, \(output)\(limit) out; \(cost)"
  }

  // MARK: - JSON

  static func json(_ report: PlanReport, cache: String) -> JSON {
    [
      "type": "plan", "version": 1, "workflow": .string(report.workflow.name),
      "cache": .string(cache), "instances": .array(report.plan.entries.map(json)),
      "calls": report.calls.map(json) ?? .null,
      "cost_usd": report.calls.map { Amounts.json($0.cost) } ?? .null,
      "budget": report.budget?.json ?? .null,
      "warnings": .array(report.plan.warnings.map { .object($0.json) }),
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
      "calls": entry.calls.map(json) ?? .null,
      "cost_usd": entry.calls.map { Amounts.json($0.cost) } ?? .null,
      "key": JSON(entry.key?.hex),
      "fetches": .array(entry.fetches.map(MissingSourceText.json)),
    ]
  }

  private static func json(_ calls: PlannedCalls) -> JSON {
    [
      "to_make": JSON(calls.toMake), "paid": JSON(calls.paid),
      "paid_usd": Amounts.json(calls.paidCost),
      "prompt_tokens": Amounts.json(calls.promptTokens),
      "completion_tokens": Amounts.json(calls.completionTokens),
      "max_completion_tokens": JSON(calls.completionTokens.upperBound),
      "without_limit": JSON(calls.unlimited),
    ]
  }
}
