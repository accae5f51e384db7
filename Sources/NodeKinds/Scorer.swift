import ModelService
import Primitives
import Tasks
import Workflow

/// Judges rows and feeds metrics; what `evaluate` and `tune` have in common.
///
/// Judging a row and counting it are two steps, since between them a row may be completed by what
/// has to be waited for: the entities of its texts, the labels of another model.
struct Scorer {
  private let reading: Reading
  private let readable: ReadableStates
  private let isVoting: Bool
  private var metrics: [any Metric]
  private var counts = ScoreSummary()

  /// - Parameters:
  ///   - reading: How answers are read.
  ///   - settings: Those of the instance: whether it votes, and which answers it accepts.
  ///   - names: The metrics to feed.
  ///   - price: For `cost`; nil is unknown.
  /// - Throws: `Problem` for a metric that is not there.
  init(
    reading: Reading,
    _ settings: Settings,
    metrics names: [String],
    price: Price? = nil
  ) throws {
    self.reading = reading
    readable = ReadableStates(settings)
    isVoting = settings.text("vote") != nil
    metrics = try Metrics.make(names, price: price)
  }

  /// How one row came out.
  func judge(_ row: AnsweredRow) -> RowResult {
    switch row.answer {
    case .completions(let completions): judge(row.record, completions)
    case .label(let label): judge(row.record, label)
    }
  }

  /// Judges one row by its completions; none means that nobody answered it.
  private func judge(_ record: Record, _ completions: [CompletionRow]) -> RowResult {
    let answers = completions.map { row in
      readable.contains(row.state) ? reading.read(row.text, for: record) : nil
    }
    let answer: String?
    if isVoting {
      answer = MajorityVote().decide(answers.map { $0?.value }, equal: reading.equal).value
    } else {
      answer = answers.first.flatMap { $0?.value }
    }
    return RowResult.judge(
      record,
      answer: answer,
      readingsAgree: answers.allSatisfy { $0?.agrees ?? true },
      text: completions.first?.text ?? "",
      promptTokens: Self.sum(completions.map(\.promptTokens)),
      completionTokens: Self.sum(completions.map(\.completionTokens)),
      reading: reading
    )
  }

  /// Judges one row by a label that was read before.
  private func judge(_ record: Record, _ label: LabelRow?) -> RowResult {
    RowResult.judge(
      record,
      answer: label?.state == .valid ? label?.label : nil,
      text: label?.label ?? "",
      promptTokens: nil,
      completionTokens: nil,
      reading: reading
    )
  }

  /// Whether two answers are the same one.
  func equal(_ left: String, _ right: String) -> Bool { reading.equal(left, right) }

  mutating func count(_ result: RowResult) {
    counts.count(result)
    for index in metrics.indices { metrics[index].add(result) }
  }

  /// Nil as soon as one is unknown: a partial sum would pass for the whole.
  private static func sum(_ counts: [Int?]) -> Int? {
    counts.reduce(0 as Int?) { total, count in
      total.flatMap { total in count.map { total + $0 } }
    }
  }

  /// What the rows so far come to.
  var summary: ScoreSummary {
    var summary = counts
    summary.metrics = metrics.map { $0.result() }
    return summary
  }
}
