import Diagnostics
import YAMLTree

extension FieldType {
  /// What the type takes, for messages: `a whole number from 1 to 100`.
  var wanted: String {
    switch self {
    case .text: "a text"
    case .integer(let bounds): "a whole number" + Self.range(bounds, .min, .max)
    case .number(let bounds):
      "a number" + Self.range(bounds, -.greatestFiniteMagnitude, .greatestFiniteMagnitude)
    case .boolean: "true or false"
    case .percent: "a share such as 5% or 0.05"
    case .duration: "a duration such as 90s, 15m or 8h"
    case .date: "a date such as 2026-11-21"
    case .choice(let words):
      words.count > 12 ? "one of \(words.count) words" : Wording.choice(words)
    case .path: "the path of a file"
    case .reference(let reference): "a reference to \(reference.wanted)"
    case .list(let element): "a list of \(element.wantedPlural)"
    case .oneOrMany(let element): "\(element.wanted), or a list of them"
    case .map(let element): "a map of names, each with \(element.wanted)"
    case .record(let fields):
      fields.isEmpty ? "a map" : "a map with \(Wording.all(fields.map(\.name)))"
    case .either(let types): Wording.join(types.map(\.wanted), last: "or")
    case .axis: "the name of an axis of the matrix"
    case .any: "a value"
    }
  }

  private var wantedPlural: String {
    switch self {
    case .text: "texts"
    case .integer: "whole numbers"
    case .number: "numbers"
    case .path: "paths"
    case .reference(let reference): "references to \(reference.wanted)"
    case .axis: "names of axes"
    case .choice(let words): "words (\(Wording.choice(words)))"
    default: "values"
    }
  }

  private static func range<Number: Comparable>(
    _ bounds: ClosedRange<Number>,
    _ least: Number,
    _ most: Number
  ) -> String {
    let (low, high) = (bounds.lowerBound, bounds.upperBound)
    // Bounds that only keep a number within its machine type would puzzle.
    let isOpenAbove = high >= most || high is Int64 && high as? Int64 ?? 0 >= Int64(Int32.max)
    switch (low > least, !isOpenAbove) {
    case (true, true): return " from \(Self.text(low)) to \(Self.text(high))"
    case (true, false): return " of at least \(Self.text(low))"
    case (false, true): return " of at most \(Self.text(high))"
    case (false, false): return ""
    }
  }

  private static func text(_ bound: some Comparable) -> String {
    guard let number = bound as? Double, let whole = Int64(exactly: number) else {
      return "\(bound)"
    }
    return "\(whole)"
  }
}

extension FieldType.Reference {
  /// The artifact types, with an article: `a template`, `completions or labels`.
  var wanted: String {
    types.count == ArtifactType.allCases.count
      ? "a node" : Wording.join(types.map(\.withArticle), last: "or")
  }
}

extension YAMLNode {
  /// What was found, for messages: `the text 'x'`, `a list`.
  var found: String {
    switch value {
    case .null: "nothing"
    case .bool, .integer, .number: scalarText.map { "\($0)" } ?? kindName
    case .text(let text): "the text '\(Self.shortened(text))'"
    case .list, .map: kindName
    }
  }

  private static func shortened(_ text: String) -> String {
    let limit = 60
    let line = text.prefix { $0 != "\n" }
    return line.count > limit || line.count < text.count ? line.prefix(limit) + "…" : text
  }
}
