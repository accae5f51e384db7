import Lineage
import Primitives
import Store

/// What was done, where and at what price, in lines; what models and files brought in is escaped.
enum LineageStepText {
  /// `after@cot  evaluate, key 1a2b3c4d`.
  static func title(_ step: Step) -> String {
    let others = step.names.dropFirst().map { ForeignText.line($0) }
    let same = others.isEmpty ? "" : " (the same as \(others.joined(separator: ", ")))"
    return "\(ForeignText.line(step.name))\(same)  \(step.kind), key \(step.key.short)"
  }

  static func details(_ step: Step) -> [String] {
    var lines = [origin(step.origin)]
    if let calls = calls(step.calls) { lines.append(calls) }
    let settings = settings(step.settings)
    if !settings.isEmpty { lines.append("settings: \(settings)") }
    // What `tune` hands on of a template stands where the template is.
    let contents = step.contents.filter { step.kind != "tune" || $0.part == "chosen" }
    lines += contents.flatMap(content)
    if !step.outputs.isEmpty { lines.append("gave \(outputs(step.outputs))") }
    return lines
  }

  // MARK: - Runs and commits

  /// `run 20261121-… at 1a2b3c4d5e, clean`.
  static func origin(_ origin: RunOrigin) -> String {
    guard origin.hasRecord else {
      let commit = origin.commit.map { " at \($0.prefix(10))" } ?? ""
      return origin.workflow == nil
        ? "prepared outside of a run"
        : "run \(origin.runID)\(commit), which left no record: it goes on, or was killed"
    }
    return "run \(origin.runID) \(commit(origin))"
  }

  static func commit(_ origin: RunOrigin) -> String {
    let kept = origin.runCommit.map { ", its inputs are commit \($0.prefix(10))" } ?? ""
    guard let commit = origin.commit else { return "at no commit\(kept)" }
    guard origin.isDirty else { return "at \(commit.prefix(10)), clean" }
    return "at \(commit.prefix(10)), dirty\(kept)"
  }

  // MARK: - Calls and settings

  /// `40 calls made, 3 reused; 5,000 + 400 tokens; 0.12 USD; served as 'toll'`.
  static func calls(_ facts: CallFacts) -> String? {
    let served = facts.servedModels.isEmpty ? nil : served(facts.servedModels)
    let parts = [account(facts), served].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// What was asked and paid, without who answered.
  static func account(_ facts: CallFacts) -> String? {
    var parts: [String] = []
    if let made = facts.made {
      parts.append(
        "\(Amounts.count(made, "call")) made, \(Amounts.count(facts.reused ?? 0)) reused"
      )
    }
    if let job = facts.job { parts.append("job \(ForeignText.line(job, limit: 60))") }
    if let prompt = facts.promptTokens, let completion = facts.completionTokens,
      prompt + completion > 0
    {
      parts.append("\(Amounts.count(prompt)) + \(Amounts.count(completion)) tokens")
    }
    if facts.isPaid { parts.append(facts.cost.map { "\($0)" } ?? "cost unknown") }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  static func served(_ names: [String]) -> String {
    "served as \(names.map { "'\(ForeignText.line($0, limit: 30))'" }.joined(separator: ", "))"
  }

  /// `samples 1, decoding {"temperature":0.5}`.
  static func settings(_ settings: JSONObject) -> String {
    settings.members.map { member in
      let value = member.value.string ?? member.value.compactText
      return "\(member.key) \(ForeignText.line(value))"
    }.joined(separator: ", ")
  }

  static func outputs(_ outputs: [(part: String, object: ObjectRef)]) -> String {
    outputs.map { output in
      let size = Amounts.count(output.object.size, "byte")
      return "\(ForeignText.line(output.part, limit: 60)) \(output.object.digest.short) (\(size))"
    }.joined(separator: ", ")
  }

  // MARK: - Templates

  /// Lines of a template's parts: each message with its role, the rest in one line.
  private static func content(_ part: (part: String, json: JSON)) -> [String] {
    guard let messages = part.json["messages"]?.array else {
      return ["\(part.part): \(ForeignText.line(part.json.compactText))"]
    }
    var lines: [String] = []
    for message in messages {
      lines.append("\(part.part), \(ForeignText.line(message["role"]?.string ?? "")):")
      lines += text(message["content"]?.string ?? "").map { "  \($0)" }
    }
    if let shots = part.json["shots"]?.int { lines.append("with \(shots) worked examples") }
    return lines
  }

  /// A text by its own lines, which may end as a model likes.
  static func text(_ text: String, limit: Int = 40) -> [String] {
    let lines = ForeignText.block(text, indentation: "").split(
      separator: "\n",
      omittingEmptySubsequences: false
    ).map(String.init)
    guard lines.count > limit else { return lines }
    return lines.prefix(limit) + ["… and \(lines.count - limit) more lines"]
  }
}
