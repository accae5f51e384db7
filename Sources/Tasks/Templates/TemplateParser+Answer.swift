import Diagnostics
import Primitives
import YAMLTree

/// How answers are read, and by which metrics they are scored.
extension TemplateParser {
  mutating func reading(_ node: YAMLNode, labels: YAMLNode?) -> Reading? {
    guard let form = node["as"] else {
      problems.append(
        Problem(
          "'answer' must say how answers are read",
          at: node.location,
          hint: "write 'answer: {as: number}'; it may be \(Wording.choice(Reading.forms))"
        )
      )
      return nil
    }
    guard let name = text(form, of: "as") else { return nil }
    checkKeys(of: node, known: ["as"] + (Self.answerKeys[name] ?? []))
    var json = JSONObject([("as", .string(name))])
    for key in Self.answerKeys[name] ?? [] {
      guard let value = node[key] else { continue }
      json[key] = key == "range" ? range(value) : text(value, of: key).map(JSON.string)
    }
    if name == "label" {
      json["labels"] = labels.flatMap { self.labels($0) }
    } else if let labels {
      problems.append(
        Problem("'labels' belong to 'answer: {as: label}' only", at: labels.location)
      )
    }
    return keep(at: form.location) { () throws(Problem) in try Reading(json: .object(json)) }
  }

  /// The settings that each form has besides `as`.
  private static let answerKeys = [
    "choice": ["choices"], "json": ["path"], "rating": ["range"], "regex": ["pattern", "match"],
  ]

  /// Lowest and highest rating, as the reading takes them.
  private mutating func range(_ node: YAMLNode) -> JSON? {
    let bounds = (node.list ?? []).compactMap { bound -> Double? in
      switch bound.value {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    }
    if bounds.count == 2, node.list?.count == 2, bounds[0] < bounds[1] {
      return .array(bounds.map(JSON.number))
    }
    problems.append(
      Problem(
        "'range' must be two numbers, the lower first",
        at: node.location,
        hint: "write 'range: [1, 5]' for ratings from 1 to 5"
      )
    )
    return nil
  }

  /// A list of names, or a map from each name to the words that stand for it.
  private mutating func labels(_ node: YAMLNode) -> JSON? {
    if let names = node.list {
      return .array(
        names.compactMap { name in text(name, of: "labels").map { ["name": .string($0)] } }
      )
    }
    guard let entries = node.map else {
      problems.append(
        Problem("'labels' must be a list or a map; found \(node.kindName)", at: node.location)
      )
      return nil
    }
    return .array(
      entries.map { entry in
        let words = entry.value.list?.compactMap { text($0, of: entry.key) } ?? []
        if entry.value.list == nil {
          problems.append(
            Problem(
              "'\(entry.key)' must have a list of words; found \(entry.value.kindName)",
              at: entry.value.location
            )
          )
        }
        return ["name": .string(entry.key), "words": .array(words.map(JSON.string))]
      }
    )
  }

  mutating func metrics(_ node: YAMLNode) -> [String] {
    guard let list = node.list else {
      problems.append(
        Problem("'metrics' must be a list; found \(node.kindName)", at: node.location)
      )
      return []
    }
    return list.compactMap { entry in
      guard let name = text(entry, of: "metrics") else { return nil }
      if Metrics.named(name) == nil {
        problems.append(
          Problem(
            "unknown metric '\(name)'",
            at: entry.location,
            hint: didYouMean(name, among: Metrics.names)
              ?? "it may be \(Wording.choice(Metrics.names))"
          )
        )
      }
      return name
    }
  }
}
