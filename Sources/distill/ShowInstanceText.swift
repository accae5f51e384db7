import Foundation
import Lineage
import Primitives
import Store

/// One instance of a run for people: what it worked on, what it gave, why it ran.
struct ShowInstanceText {
  let instance: RecordedInstance
  let run: RecordedRun
  /// What its key is made of; nil where it was not reached.
  let step: Step?
  /// What had changed since the key that it had before.
  let changes: PreimageDifference?
  /// The summary part of its artifact.
  let summary: JSON?
  /// The trials of a search; none where it is none.
  let trials: [JSON]

  var lines: [String] {
    var lines = [
      "\(ForeignText.line(instance.id))  \(instance.kind), \(instance.status) in run \(run.id), "
        + Times.short(instance.seconds)
    ]
    if let key = instance.key { lines.append("key \(key.hex)") }
    if !instance.isOwn, let step { lines.append("made by \(LineageStepText.origin(step.origin))") }
    if let calls = LineageStepText.calls(instance.calls) { lines.append(calls) }
    lines += failure + reasons
    lines += section("settings", settings)
    lines += section("inputs", step?.sources.map(source) ?? [])
    lines += section("outputs", outputs)
    lines += section("figures", figures)
    lines += section("trials", TrialsText.lines(trials))
    lines += section("facts", facts)
    lines += section("notes", instance.notes.map { ForeignText.line($0, limit: 400) })
    return lines
  }

  private func section(_ name: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["\(name):"] + lines.map { "  \($0)" }
  }

  // MARK: - How it went

  private var failure: [String] {
    guard let error = instance.error else { return [] }
    var lines = ["error: \(ForeignText.line(error, limit: 1_000))"]
    if let hint = instance.hint { lines.append("  hint: \(ForeignText.line(hint, limit: 1_000))") }
    return lines
  }

  /// Why it had another key than before.
  private var reasons: [String] {
    guard instance.isOwn, let changes else { return [] }
    let files = changes.files.map { "file \(ForeignText.line($0.name)): \(DiffValues.digests($0))" }
    let models = changes.models.map {
      "model \(ForeignText.line($0.name)): \(DiffValues.models($0))"
    }
    return section(
      "ran anew because of",
      changes.settings.map { "\(ForeignText.line($0.name)): \(DiffValues.change($0))" } + files
        + models + changes.inputs.map { "input \(ForeignText.line($0.name))" }
    )
  }

  // MARK: - What it worked on

  private var settings: [String] {
    (step?.settings.members ?? []).map { member in
      "\(member.key): \(ForeignText.line(member.value.string ?? member.value.compactText))"
    }
  }

  private func source(_ source: Source) -> String {
    let slot = ForeignText.line(source.slot)
    switch source.origin {
    case .step(let key, let parts):
      let list = parts.map { ForeignText.line($0, limit: 60) }.joined(separator: ", ")
      return "\(slot): \(name(of: key, source)), \(list)"
    case .file(let file):
      return "\(slot): \(LineageSourceText.file(file).title)  sha256 \(file.digest.hex.prefix(16))"
    case .model(let model):
      let maker = model.maker.map { "\(name(of: $0, source)), " } ?? ""
      return "\(slot): \(maker)\(LineageSourceText.model(model).title)"
    case .unknown(let parts):
      let list = parts.map { "\($0.part) \($0.digest.short)" }.joined(separator: ", ")
      return "\(slot): \(list)"
    }
  }

  private func name(of key: Digest, _ source: Source) -> String {
    let name = source.instance ?? run.instances.first { $0.key == key }?.id
    return name.map { ForeignText.line($0) } ?? "key \(key.short)"
  }

  // MARK: - What it gave

  private var outputs: [String] {
    instance.outputs.map { output in
      "\(ForeignText.line(output.part, limit: 40))  sha256 \(output.object.digest.hex.prefix(16)), "
        + Amounts.count(output.object.size, "byte")
    }
  }

  /// `accuracy.all 0.3750 [0.3100, 0.4400], 200 rows, 3 invalid`.
  private var figures: [String] {
    (summary?["metrics"]?.object?.members ?? []).flatMap { metric in
      (metric.value["figures"]?.object?.members ?? []).map { figure in
        let numbers = ["value", "low", "high"].map { number(figure.value[$0]) }
        let rows = Amounts.count(metric.value["n"]?.int ?? 0, "row")
        let invalid = metric.value["invalid"]?.int ?? 0
        return "\(metric.key).\(figure.key) \(numbers[0]) [\(numbers[1]), \(numbers[2])], \(rows), "
          + "\(Amounts.count(invalid)) invalid"
      }
    }
  }

  private func number(_ json: JSON?) -> String {
    json?.number.map { String(format: "%.4f", $0) } ?? "–"
  }

  /// Facts that no line above has told.
  private var facts: [String] {
    let told = [
      "made", "reused", "calls", "prompt_tokens", "completion_tokens", "cost_usd", "job",
      "served_models", "notes",
    ]
    let figures = summary?["metrics"]?.object?.keys ?? []
    return instance.facts.members.filter { member in
      !told.contains(member.key) && !figures.contains { member.key.hasPrefix("\($0).") }
    }.map {
      "\(ForeignText.line($0.key)): \(ForeignText.line($0.value.string ?? $0.value.compactText))"
    }
  }
}
