import Foundation
import Lineage
import Primitives
import Tasks

/// Two values side by side, in a line.
enum DiffValues {
  /// Characters of a value that are shown; two of them and what stands around them fit a line.
  private static let shown = 36

  /// `40 → 42`; texts that are long are shown from where they part.
  static func change(_ change: ValueChange) -> String {
    let (old, new) = (text(change.old), text(change.new))
    guard max(old.count, new.count) > shown else { return "\(old) → \(new)" }
    // A few characters before the difference say where it is.
    let shared = zip(old, new).prefix { $0 == $1 }.count - 12
    guard shared > 0 else { return "\(cut(old)) → \(cut(new))" }
    return "…\(cut(old.dropFirst(shared))) → …\(cut(new.dropFirst(shared)))"
  }

  private static func cut(_ text: some StringProtocol) -> String {
    text.count > shown ? "\(text.prefix(shown - 1))…" : String(text)
  }

  private static func text(_ json: JSON?) -> String {
    guard let json else { return "(none)" }
    return ForeignText.line(json.string ?? json.compactText, limit: 10_000)
  }

  /// The members in which two maps differ; the whole values where they are no maps.
  static func members(_ change: ValueChange) -> [ValueChange] {
    guard let old = change.old?.object, let new = change.new?.object else { return [change] }
    let names = old.keys + new.keys.filter { old[$0] == nil }
    return names.filter { old[$0] != new[$0] }.map {
      ValueChange(name: $0, old: old[$0], new: new[$0])
    }
  }

  static func digests(_ change: ValueChange) -> String {
    "sha256 \(short(change.old)) → \(short(change.new))"
  }

  private static func short(_ json: JSON?) -> String {
    json?.string.map { String($0.prefix(12)) } ?? "(none)"
  }

  static func models(_ change: ValueChange) -> String {
    let names = [change.old, change.new].map { identity in
      identity.map { ModelName.full($0.canonicalText) } ?? "(none)"
    }
    return names.joined(separator: " → ")
  }

  /// `accuracy.all 0.3650 → 0.3900, +0.0250 [-0.0100, +0.0600] on 200 common rows`.
  static func figure(_ figure: PairedFigure) -> String {
    let difference = figure.difference
    return "\(figure.name) \(number(figure.first)) → \(number(figure.second)), "
      + "\(signed(difference.value)) [\(signed(difference.low)), \(signed(difference.high))] "
      + "on \(Amounts.count(figure.n, "common row"))"
  }

  private static func number(_ value: Double) -> String { String(format: "%.4f", value) }
  private static func signed(_ value: Double) -> String { String(format: "%+.4f", value) }
}

/// What two runs took, side by side.
enum DiffTotals {
  static func lines(_ first: RecordedRun, _ second: RecordedRun) -> [String] {
    [
      "calls made: \(made(first)) → \(made(second))",
      "cost: \(cost(first)) → \(cost(second))",
      "time: \(Times.span(first.seconds)) → \(Times.span(second.seconds))",
    ]
  }

  private static func made(_ run: RecordedRun) -> String {
    let calls = run.summary["calls"]
    return "\(Amounts.count(calls?["made"]?.int ?? 0)) "
      + "(\(Amounts.count(calls?["reused"]?.int ?? 0)) reused)"
  }

  private static func cost(_ run: RecordedRun) -> String {
    Amounts.money(usd: run.summary["cost_usd"]?.number)
  }
}
