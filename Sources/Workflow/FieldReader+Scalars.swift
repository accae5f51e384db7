import Diagnostics
import Foundation
import Primitives
import YAMLTree

extension FieldReader {
  /// A scalar by its type, or anything at all for a field that takes it.
  func scalar(_ node: YAMLNode, as type: FieldType, field: String) -> JSON? {
    switch type {
    case .text: text(node, field: field)
    case .integer(let bounds): integer(node, bounds, field: field)
    case .number(let bounds): number(node, bounds, field: field)
    case .boolean: boolean(node, field: field)
    case .percent: percent(node, field: field)
    case .duration: duration(node, field: field)
    case .date: date(node, field: field)
    case .choice(let words): choice(node, words, field: field)
    default: json(node, field: field)
    }
  }

  private func text(_ node: YAMLNode, field: String) -> JSON? {
    // A number or `true` where a text belongs is meant as written: `revision: 0613`.
    guard let text = node.scalarText else {
      mismatch(node, .text, field: field)
      return nil
    }
    return .string(text)
  }

  private func integer(_ node: YAMLNode, _ bounds: ClosedRange<Int64>, field: String) -> JSON? {
    let type = FieldType.integer(bounds)
    let value: Int64
    switch node.value {
    case .integer(let whole): value = whole
    case .number(let number):
      // `1e3` is a number by its form and a thousand by its meaning.
      guard let whole = Int64(exactly: number) else {
        mismatch(node, type, field: field)
        return nil
      }
      value = whole
    default:
      mismatch(node, type, field: field, hint: numberHint(node))
      return nil
    }
    guard bounds.contains(value) else {
      mismatch(node, type, field: field)
      return nil
    }
    return .integer(value)
  }

  private func number(_ node: YAMLNode, _ bounds: ClosedRange<Double>, field: String) -> JSON? {
    let value: Double
    switch node.value {
    case .integer(let whole): value = Double(whole)
    case .number(let number): value = number
    default:
      mismatch(node, .number(bounds), field: field, hint: numberHint(node))
      return nil
    }
    guard bounds.contains(value), value.isFinite else {
      mismatch(node, .number(bounds), field: field)
      return nil
    }
    return .number(value)
  }

  /// For a text that only quotes or separators keep from being a number.
  private func numberHint(_ node: YAMLNode) -> String? {
    guard let text = node.text else { return nil }
    let bare = String(text.filter { $0 != "_" && $0 != "," && $0 != " " })
    switch CoreSchema.value(of: bare) {
    case .integer, .number: return "write \(bare)"
    default: return nil
    }
  }

  private func boolean(_ node: YAMLNode, field: String) -> JSON? {
    if case .bool(let value) = node.value { return .bool(value) }
    let word = node.text?.lowercased()
    let meant =
      ["yes", "on", "y", "true"].contains(word)
      ? "true" : ["no", "off", "n", "false"].contains(word) ? "false" : nil
    mismatch(node, .boolean, field: field, hint: meant.map { "write \($0), without quotes" })
    return nil
  }

  private func percent(_ node: YAMLNode, field: String) -> JSON? {
    let value: Double? =
      switch node.value {
      case .integer(let whole): Double(whole)
      case .number(let number): number
      case .text(let text): Units.percent(text)
      default: nil
      }
    guard let value, (0...1).contains(value) else {
      let isCount = value.map { $0 > 1 && $0 <= 100 } ?? false
      let number = node.scalarText ?? ""
      mismatch(
        node,
        .percent,
        field: field,
        hint: isCount && node.text == nil ? "for \(number) percent write \(number)%" : nil
      )
      return nil
    }
    return .number(value)
  }

  private func duration(_ node: YAMLNode, field: String) -> JSON? {
    let value: Double? =
      switch node.value {
      case .integer(let whole): Double(whole)
      case .number(let number): number
      case .text(let text): Units.duration(text)
      default: nil
      }
    guard let value, value.isFinite, value > 0 else {
      mismatch(node, .duration, field: field, hint: "a number alone means seconds")
      return nil
    }
    return .number(value)
  }

  private func date(_ node: YAMLNode, field: String) -> JSON? {
    guard let date = node.scalarText.flatMap(CalendarDate.init) else {
      mismatch(node, .date, field: field)
      return nil
    }
    if date > CalendarDate.latest(at: Date().timeIntervalSince1970) {
      // A warning only: a clock that is behind must not refuse what ran yesterday.
      findings.warning(
        "'\(field)' is \(date), which is in the future",
        at: node.location,
        hint: "write the day on which it was looked up"
      )
    }
    return .string(date.description)
  }

  private func choice(_ node: YAMLNode, _ words: [String], field: String) -> JSON? {
    guard let word = node.scalarText else {
      mismatch(node, .choice(words), field: field)
      return nil
    }
    if words.contains(word) { return .string(word) }
    if notYet.values.contains(word) {
      findings.error(
        "'\(field): \(word)' is not there yet",
        at: node.location,
        hint: "it comes with a later version; until then: \(Wording.choice(words))"
      )
    } else {
      findings.error(
        "'\(field)' takes \(FieldType.choice(words).wanted), but here is \(node.found)",
        at: node.location,
        hint: didYouMean(word, among: words) ?? "it takes \(Wording.choice(words))"
      )
    }
    return nil
  }

  /// Anything that JSON can say, `${…}` put in at every depth.
  private func json(_ written: YAMLNode, field: String) -> JSON? {
    guard let node = scope.expand(written) else { return nil }
    switch node.value {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .text(let text): return .string(text)
    case .number(let value):
      guard value.isFinite else {
        findings.error(
          "'\(field)' holds \(node.found), which no result can hold",
          at: node.location,
          hint: "write a finite number"
        )
        return nil
      }
      return .number(value)
    case .list(let elements):
      let values = elements.map { json($0, field: field) }
      return values.contains { $0 == nil } ? nil : .array(values.compactMap(\.self))
    case .map(let entries):
      let members = entries.map { (key: $0.key, value: json($0.value, field: field)) }
      guard members.allSatisfy({ $0.value != nil }) else { return nil }
      return .object(
        JSONObject(
          members.compactMap { member in
            member.value.map { (key: member.key, value: $0) }
          }
        )
      )
    }
  }
}
