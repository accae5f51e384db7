import Lineage
import ModelService
import Primitives
import Store
import Tasks

/// One row's trail drawn as a tree.
struct LineageRowText {
  /// Training rows that are shown.
  static let trainingRows = 5

  private let trail: Trail

  init(_ trail: Trail) { self.trail = trail }

  func tree(_ row: RowTrail) -> TextTree { tree(row, showsData: true) }

  /// Rows behind the one asked about are of the same row of the data, which is shown once.
  private func tree(_ row: RowTrail, showsData: Bool) -> TextTree {
    var branches: [TextTree] = []
    if showsData, let data = row.data { branches.append(tree(data)) }
    branches += row.calls.map { tree($0, of: row) }
    branches += row.parents.map { tree($0, inTraining: false) }
    if let tuning = row.tuning { branches.append(tree(tuning)) }
    return TextTree(
      title(row),
      details: [LineageStepText.origin(row.step.origin)] + readingLines(row),
      branches: branches
    )
  }

  // MARK: - Rows

  private func title(_ row: RowTrail) -> String {
    let place =
      "\(ForeignText.line(row.step.name)) row \(row.number) '\(ForeignText.line(row.id, limit: 60))'"
    let verdict = verdict(row)
    return verdict.isEmpty ? place : "\(place): \(verdict)"
  }

  private func verdict(_ row: RowTrail) -> String {
    let value = row.value
    var parts: [String] = []
    if let state = value["state"]?.string { parts.append(state) }
    for (member, word) in [("expected", "expected"), ("got", "got"), ("label", "label")] {
      if let text = value[member]?.string {
        parts.append("\(word) '\(ForeignText.line(text, limit: 60))'")
      }
    }
    if let sample = value["sample"]?.int, sample > 0 { parts.append("sample \(sample)") }
    if let reroll = value["reroll"]?.int { parts.append("drawn \(reroll + 1) times") }
    return parts.joined(separator: ", ")
  }

  private func readingLines(_ row: RowTrail) -> [String] {
    guard let reading = row.reading else { return [] }
    let rule = "read as \(ForeignText.line(reading.compactText))"
    guard row.value["strict"]?.string != nil || row.value["flexible"]?.string != nil else {
      return [rule]
    }
    return ["\(rule): \(values(row.value["strict"]?.string, row.value["flexible"]?.string))"]
  }

  private func values(_ strict: String?, _ flexible: String?) -> String {
    func shown(_ text: String?) -> String {
      text.map { "'\(ForeignText.line($0, limit: 60))'" } ?? "nothing"
    }
    return "strictly \(shown(strict)), flexibly \(shown(flexible))"
  }

  private func tree(_ data: DataRow) -> TextTree {
    let path = data.file.map { LineageSourceText.file($0) }
    var place = path.map { " of \($0.title)" } ?? ""
    if let found = data.place { place = " at line \(found.line), row \(found.row),\(place)" }
    let name = data.names.first.map { ForeignText.line($0) } ?? "the data"
    let fields = data.record.json.object?.members.filter { $0.key != "id" } ?? []
    return TextTree(
      "data: \(name)\(place)",
      details: Array((path?.details ?? []).prefix(1))
        + fields.map { member in
          let text = member.value.string ?? member.value.compactText
          return "\(ForeignText.line(member.key)): \(ForeignText.line(text))"
        }
    )
  }

  /// A row behind another one: of labels, completions, scores; in training in as few lines as tell it.
  private func tree(_ row: RowTrail, inTraining: Bool) -> TextTree {
    guard inTraining else { return tree(row, showsData: false) }
    var branches = row.calls.map { call in
      TextTree(callTitle(call, of: row), details: callDetails(call, of: row))
    }
    branches += row.parents.map { tree($0, inTraining: true) }
    return TextTree(title(row), details: readingLines(row), branches: branches)
  }

  // MARK: - Calls

  private func tree(_ call: CallTrail, of row: RowTrail) -> TextTree {
    var details = callDetails(call, of: row)
    for message in call.call.request.messages {
      details.append("\(ForeignText.line(message.role)):")
      details += LineageStepText.text(message.content, limit: 20).map { "  \($0)" }
    }
    if let text = call.text {
      details.append("answer:")
      details += LineageStepText.text(text, limit: 20).map { "  \($0)" }
    }
    if let read = call.read { details.append("read \(values(read.strict, read.flexible))") }
    return TextTree(callTitle(call, of: row), details: details)
  }

  private func callTitle(_ call: CallTrail, of row: RowTrail) -> String {
    let key = call.call.key.hex.prefix(CallText.keyDigits)
    guard let detail = call.detail else { return "call \(key)  (not in this store's ledger)" }
    var parts = ["call \(key) \(call.attempt?.outcome ?? detail.summary.state.name)"]
    if detail.attempts.count > 1 { parts.append("\(detail.attempts.count) attempts") }
    if let attempt = call.attempt {
      parts.append(Times.moment(attempt.startedAt))
      if let tokens = CallText.tokens(attempt.tokens) { parts.append(tokens) }
      parts.append(attempt.cost.map { "\($0)" } ?? "cost unknown")
    }
    return parts.joined(separator: ", ")
  }

  private func callDetails(_ call: CallTrail, of row: RowTrail) -> [String] {
    var asked = "asked of \(model(call))"
    if let served = call.attempt?.servedModel { asked += ", \(LineageStepText.served([served]))" }
    var details = [asked, "\(template(row))\(decoding(call.call.request.decoding))"]
    if let origin = call.origin { details.append(LineageStepText.origin(origin)) }
    return details
  }

  private func model(_ call: CallTrail) -> String {
    if let tuner = call.tunedBy { return ForeignText.line(tuner) }
    return call.model.map { LineageSourceText.model($0).title }
      ?? ModelName.full(call.call.model.text)
  }

  private func template(_ row: RowTrail) -> String {
    guard let template = row.step.maker(of: "template").flatMap({ trail[$0] }) else { return "" }
    return "template \(ForeignText.line(template.name)); "
  }

  private func decoding(_ decoding: DecodingParameters) -> String {
    LineageStepText.settings(decoding.json.object ?? JSONObject())
  }

  // MARK: - Training

  private func tree(_ tuning: TuningTrail) -> TextTree {
    let rows = tuning.rows.map { tree($0, inTraining: true) }
    let left = tuning.ids.count - tuning.rows.count
    let more =
      left > 0 ? [TextTree("… and \(Amounts.count(left, "row")) more; --json has all")] : []
    let name = ForeignText.line(tuning.data.name)
    return TextTree(
      "trained: \(LineageStepText.title(tuning.step))",
      details: LineageStepText.details(tuning.step)
        + ["on \(Amounts.count(tuning.ids.count, "row")) of \(name)"],
      branches: rows + more
    )
  }
}
