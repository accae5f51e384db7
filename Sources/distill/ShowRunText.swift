import Lineage
import Primitives

/// A run's record for people: what it was, from which commit, and a line for each instance.
struct ShowRunText {
  private let run: RecordedRun
  /// Names that servers gave the models, by identity.
  private let served: [String: [String]]

  init(_ run: RecordedRun, served: [String: [String]]) {
    self.run = run
    self.served = served
  }

  var lines: [String] {
    let workflow = run.workflow
    var lines = [
      "run \(run.id)  \(run.status) in \(Times.span(run.seconds)), \(Times.moment(run.startedAt))",
      "workflow \(ForeignText.line(workflow.name))  \(ForeignText.line(workflow.path))",
    ]
    lines += commit
    if !run.parameters.isEmpty {
      lines.append("parameters: \(LineageStepText.settings(run.parameters))")
    }
    if !run.models.isEmpty { lines += ["models:"] + run.models.flatMap(model) }
    lines.append(counts)
    return lines + instances
  }

  // MARK: - Around the instances

  private var commit: [String] {
    guard let git = run.git else { return ["no repository: inputs are known by their digests"] }
    let branch = git.branch.map { " on \(ForeignText.line($0, limit: 40))" } ?? ""
    let state = git.isDirty ? "dirty" : "clean"
    var lines = ["commit \(git.commit?.prefix(10) ?? "none yet")\(branch), \(state)"]
    if let ref = git.ref {
      let kept = git.runCommit.map { " (\($0.prefix(10)))" } ?? ""
      lines.append("kept by \(ForeignText.line(ref))\(kept)")
    }
    for input in git.inputs where input.status == "dirty" || input.status == "untracked" {
      lines.append("  \(input.status): \(ForeignText.line(input.path))")
    }
    return lines
  }

  private func model(_ model: RecordedModel) -> [String] {
    let identity = model.identity.canonicalText
    var lines = ["  \(ForeignText.line(model.name))  \(ModelName.full(identity))"]
    lines.append("    declared \(ForeignText.line(model.declared.compactText))")
    if let names = served[identity] { lines.append("    \(LineageStepText.served(names))") }
    return lines
  }

  private var counts: String {
    let (instances, calls) = (run.summary["instances"], run.summary["calls"])
    var parts = [Amounts.count(run.instances.count, "instance")]
    for word in ["ran", "reused", "failed", "skipped"] {
      if let count = instances?[word]?.int, count > 0 { parts.append("\(count) \(word)") }
    }
    parts.append(
      "\(Amounts.count(calls?["made"]?.int ?? 0, "call")) made, "
        + "\(Amounts.count(calls?["reused"]?.int ?? 0)) reused"
    )
    if let doubt = calls?["in_doubt"]?.int, doubt > 0 { parts.append("\(doubt) in doubt") }
    parts.append("cost \(Amounts.money(usd: run.summary["cost_usd"]?.number))")
    return parts.joined(separator: ", ")
  }

  // MARK: - Instances

  /// Columns that a name may take; a longer one is cut.
  private static let nameWidth = 36

  private var instances: [String] {
    let names = run.instances.map { ForeignText.line($0.id, limit: Self.nameWidth) }
    let width = names.map(\.count).max() ?? 0
    return zip(names, run.instances).map { name, instance in
      "  \(padded(name, width))  \(padded(instance.status, 11))  \(outcome(instance))"
    }
  }

  private func outcome(_ instance: RecordedInstance) -> String {
    if let error = instance.error { return ForeignText.line(error) }
    guard instance.isOwn else {
      // Two instances of one run may be the same action.
      return instance.originRun == run.id
        ? "made by this run" : "from run \(instance.originRun ?? "unknown")"
    }
    let time = Times.short(instance.seconds)
    return [time, LineageStepText.account(instance.calls)].compactMap(\.self)
      .joined(separator: "; ")
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension Times {
  /// `0.3 s`; from ten seconds on as `span` has it.
  static func short(_ seconds: Double) -> String {
    let tenths = Int((max(0, seconds) * 10).rounded())
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) s" : span(seconds)
  }
}
