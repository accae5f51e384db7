import ModelService
import Primitives
import Tasks
import Workflow

/// Judges rows and feeds metrics; what `evaluate` and `tune` have in common.
struct Scorer {
  private let reading: Reading
  private let readable: ReadableStates
  private let isVoting: Bool
  private var metrics: [any Metric]
  /// Nil as soon as one row's count is unknown: unknown is not zero.
  private(set) var completionTokens: Int? = 0
  private(set) var invalid = 0
  private(set) var unlabelled = 0
  private(set) var disagreements = 0
  private(set) var rows = 0

  /// - Parameters:
  ///   - reading: How answers are read.
  ///   - settings: Those of the instance: whether it votes, and which answers it accepts.
  ///   - names: The metrics to feed.
  /// - Throws: `Problem` for a metric that is not there.
  init(reading: Reading, _ settings: Settings, metrics names: [String]) throws {
    self.reading = reading
    readable = ReadableStates(settings)
    isVoting = settings.text("vote") != nil
    metrics = try Metrics.make(names)
  }

  /// Judges one row by its completions; none means that nobody answered it.
  mutating func add(_ record: Record, _ completions: [CompletionRow]) -> RowResult {
    let answers = completions.map { row in
      readable.contains(row.state) ? reading.read(row.text, for: record) : nil
    }
    let answer: String?
    if isVoting {
      answer = MajorityVote().decide(answers.map { $0?.value }, equal: reading.equal).value
    } else {
      answer = answers.first.flatMap { $0?.value }
    }
    return count(
      RowResult.judge(
        record,
        answer: answer,
        readingsAgree: answers.allSatisfy { $0?.agrees ?? true },
        text: completions.first?.text ?? "",
        promptTokens: Self.sum(completions.map(\.promptTokens)),
        completionTokens: Self.sum(completions.map(\.completionTokens)),
        reading: reading
      )
    )
  }

  /// Judges one row by a label that was read before.
  mutating func add(_ record: Record, _ label: LabelRow?) -> RowResult {
    count(
      RowResult.judge(
        record,
        answer: label?.state == .valid ? label?.label : nil,
        text: label?.label ?? "",
        promptTokens: nil,
        completionTokens: nil,
        reading: reading
      )
    )
  }

  private mutating func count(_ result: RowResult) -> RowResult {
    rows += 1
    completionTokens = Self.sum([completionTokens, result.completionTokens])
    if result.state == .invalid { invalid += 1 }
    if result.state == .unlabelled { unlabelled += 1 }
    if !result.readingsAgree { disagreements += 1 }
    for index in metrics.indices { metrics[index].add(result) }
    return result
  }

  /// Nil as soon as one is unknown: a partial sum would pass for the whole.
  private static func sum(_ counts: [Int?]) -> Int? {
    counts.reduce(0 as Int?) { total, count in
      total.flatMap { total in count.map { total + $0 } }
    }
  }

  var summaries: [MetricSummary] { metrics.map { $0.result() } }

  /// What the `summary` part of scores holds.
  var json: JSON {
    [
      "rows": JSON(rows), "invalid": JSON(invalid), "unlabelled": JSON(unlabelled),
      "disagreements": JSON(disagreements),
      "metrics": .object(JSONObject(summaries.map { ($0.name, $0.json) })),
    ]
  }

  /// A figure by name, `metric.figure`; nil where the rows do not give it.
  func figure(_ name: String) -> Double? {
    let steps = name.split(separator: ".").map(String.init)
    guard let summary = summaries.first(where: { $0.name == steps[0] }) else { return nil }
    return steps.count > 1 ? summary[steps[1]]?.value : summary.figures.first?.figure.value
  }

  var notes: [String] {
    var notes: [String] = []
    if invalid > 0 { notes.append("\(invalid) of \(rows) answers could not be read") }
    if unlabelled > 0 { notes.append("\(unlabelled) of \(rows) rows have no gold label") }
    if disagreements > 0 {
      notes.append("strict and flexible reading differ in \(disagreements) rows")
    }
    return notes
  }
}
