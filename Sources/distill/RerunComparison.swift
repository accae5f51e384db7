import Engine
import Foundation
import Primitives
import Store

/// How the outputs of a rerun stand to those of the run.
struct RerunComparison {
  enum Verdict: String {
    /// Made again, with the same bytes.
    case identical
    /// Not made again: the cache has it under the same key.
    case reused
    case differs
    /// The rerun has no such output.
    case missing
  }

  let instance: String
  let part: String
  let verdict: Verdict
  /// Where a differing output differs first.
  let difference: String?

  /// Compares two run records, output by output.
  static func compare(
    _ before: JSON,
    _ after: JSON,
    _ objects: ObjectStore
  ) async throws -> [RerunComparison] {
    var comparisons: [RerunComparison] = []
    let now = Dictionary(
      (after["instances"]?.array ?? []).compactMap { entry in
        entry["id"]?.string.map { ($0, entry) }
      }
    ) { first, _ in first }
    for entry in before["instances"]?.array ?? [] {
      guard let id = entry["id"]?.string else { continue }
      let found = now[id].map(RecordLookup.outputs) ?? []
      for output in RecordLookup.outputs(entry) {
        let other = found.first { $0.part == output.part }?.object
        let isReused = now[id]?["status"]?.string == "reused"
        comparisons.append(
          try await compare(id, output, other, isReused: isReused, objects)
        )
      }
    }
    return comparisons
  }

  private static func compare(
    _ id: String,
    _ output: (part: String, object: ObjectRef),
    _ other: ObjectRef?,
    isReused: Bool,
    _ objects: ObjectStore
  ) async throws -> RerunComparison {
    func comparison(_ verdict: Verdict, _ difference: String? = nil) -> RerunComparison {
      RerunComparison(
        instance: id,
        part: output.part,
        verdict: verdict,
        difference: difference
      )
    }
    guard let other else { return comparison(.missing) }
    guard other != output.object else { return comparison(isReused ? .reused : .identical) }
    return comparison(.differs, try await firstDifference(output.object, other, objects))
  }

  /// The first line that two objects do not share.
  private static func firstDifference(
    _ before: ObjectRef,
    _ after: ObjectRef,
    _ objects: ObjectStore
  ) async throws -> String {
    guard objects.contains(before) else { return "the store no longer has what it was" }
    let paths = (try await objects.verifiedPath(before), try await objects.verifiedPath(after))
    return try await Blocking.run {
      var old = try LineReader(path: paths.0)
      var new = try LineReader(path: paths.1)
      var number = 0
      while true {
        number += 1
        let lines = (try old.next(), try new.next())
        guard lines.0 != lines.1 || lines.0 == nil else { continue }
        return "line \(number): \(text(lines.0)) was, \(text(lines.1)) is"
      }
    }
  }

  private static func text(_ line: [UInt8]?) -> String {
    line.map { "'\(ForeignText.line(String(decoding: $0, as: UTF8.self), limit: 120))'" }
      ?? "nothing"
  }

  var json: JSON {
    [
      "instance": .string(instance), "part": .string(part),
      "verdict": .string(verdict.rawValue), "difference": JSON(difference),
    ]
  }
}

/// A rerun's outcome for people.
enum RerunText {
  /// One line an output; where all outputs of an instance came out alike, one for all of them.
  static func table(_ outputs: [RerunComparison]) -> [String] {
    var lines: [String] = []
    var order: [String] = []
    var groups: [String: [RerunComparison]] = [:]
    for output in outputs {
      if groups[output.instance] == nil { order.append(output.instance) }
      groups[output.instance, default: []].append(output)
    }
    let width = order.map(\.count).max() ?? 0
    for instance in order {
      let group = groups[instance] ?? []
      let name = ForeignText.line(instance)
        .padding(toLength: width, withPad: " ", startingAt: 0)
      if Set(group.map(\.verdict)).count == 1, let first = group.first, first.verdict != .differs {
        lines.append("\(name)  \(first.verdict.rawValue)")
        continue
      }
      for output in group {
        let place = output.difference.map { ": \($0)" } ?? ""
        lines.append("\(name)  \(output.part)  \(output.verdict.rawValue)\(place)")
      }
    }
    let counts = Dictionary(grouping: outputs, by: \.verdict.rawValue).mapValues(\.count)
    let sum = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return lines + ["\(outputs.count) outputs: \(sum.joined(separator: ", "))"]
  }

  /// What is another machine or tool now, where that can change bytes.
  static func machine(_ before: JSON, _ after: JSON) -> [String] {
    var notes: [String] = []
    for (name, path) in [("version of the tool", "tool")] where before[path] != after[path] {
      notes.append("the \(name) is \(word(after[path])); it was \(word(before[path]))")
    }
    for (name, member) in [("BLAS kernel, which shapes training,", "blas"), ("runtime", "runtime")]
    {
      let (old, new) = (before["machine"]?[member], after["machine"]?[member])
      if old != new { notes.append("the \(name) is \(word(new)); it was \(word(old))") }
    }
    for model in before["models"]?.object?.members ?? [] {
      let new = after["models"]?[model.key]?["identity"]
      guard let new, new != model.value["identity"] else { continue }
      notes.append("model '\(ForeignText.line(model.key))' is another one now than it was")
    }
    return notes
  }

  private static func word(_ json: JSON?) -> String {
    json?.string.map { ForeignText.line($0) } ?? "unknown"
  }
}
