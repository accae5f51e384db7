import Downloads
import Primitives
import Synchronization

/// Tells how far data that is being fetched has come: lines for people, events with `--json`.
final class SourceDisplay: Sendable {
  private let display: ProgressDisplay
  private let isQuiet: Bool
  private let isJSON: Bool
  private let last = Mutex<[RemoteSource: ContinuousClock.Instant]>([:])
  /// Pieces come many times a second.
  private static let interval = Duration.seconds(2)

  init(_ display: ProgressDisplay, _ common: CommonOptions) {
    self.display = display
    isQuiet = common.quiet
    isJSON = common.json
  }

  func show(_ progress: DownloadProgress) {
    guard progress.isEnd || isDue(progress.source) else { return }
    if isJSON {
      Terminal.output(Self.json(progress))
    } else if !isQuiet {
      display.note(Self.text(progress))
    }
  }

  /// The first piece is waited with, so that what comes at once is told of once.
  private func isDue(_ source: RemoteSource) -> Bool {
    last.withLock { last in
      let now = ContinuousClock.now
      guard let before = last[source] else {
        last[source] = now
        return false
      }
      guard now - before >= Self.interval else { return false }
      last[source] = now
      return true
    }
  }

  private static func text(_ progress: DownloadProgress) -> String {
    let name = ForeignText.line(progress.source.name)
    if progress.isEnd { return "fetched '\(name)': \(SizeText.of(progress.done))" }
    let done = amount(progress.done, progress.unit)
    let total = progress.total.map { " of \(amount($0, progress.unit))" } ?? ""
    return "fetching '\(name)': \(done)\(total)"
  }

  private static func amount(_ count: Int, _ unit: DownloadProgress.Unit) -> String {
    switch unit {
    case .bytes: SizeText.of(count)
    case .rows: Amounts.count(count, "row")
    }
  }

  private static func json(_ progress: DownloadProgress) -> JSON {
    [
      "type": "fetch", "source": .object(progress.source.json),
      "unit": .string(progress.unit.rawValue), "done": JSON(progress.done),
      "total": progress.total.map { JSON($0) } ?? .null, "end": .bool(progress.isEnd),
    ]
  }
}

/// Data that is not in the store yet, for commands that fetch nothing.
enum MissingSourceText {
  static func note(_ source: RemoteSource) -> String {
    "note: '\(ForeignText.line(source.name))' is not in the store, so its rows were not looked at; "
      + "'distill run' fetches it"
  }

  static func json(_ source: RemoteSource) -> JSON {
    var json = source.json
    json["sha256"] = JSON(source.digest?.hex)
    return .object(json)
  }
}
