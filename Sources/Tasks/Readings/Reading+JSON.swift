package import Diagnostics
package import Primitives

extension Reading {
  /// The part of a template as an object of the store: `{"as": …}` and the form's own settings.
  package var json: JSON {
    var object = JSONObject([("as", .string(name))])
    switch form {
    case .number, .text, .harness: break
    case .rating(let reading):
      object["range"] = .array([.number(reading.low), .number(reading.high)])
    case .choice(let reading): object["choices"] = .string(reading.field)
    case .label(let reading):
      object["labels"] = .array(
        reading.labels.map {
          ["name": .string($0.name), "words": .array($0.words.map(JSON.string))]
        }
      )
    case .json(let reading): object["path"] = reading.path.map { .string($0.description) }
    case .regex(let reading):
      object["match"] = .string(reading.choice.rawValue)
      object["pattern"] = .string(reading.pattern)
    }
    return .object(object)
  }

  /// Reads the part back.
  package init(json: JSON) throws(Problem) {
    guard let name = json["as"]?.string else {
      throw Problem("a reading must have 'as'; found \(json.kindName)", at: nil)
    }
    switch name {
    case "number": form = .number
    case "text": form = .text
    case "choice":
      form = .choice(ChoiceReading(field: json["choices"]?.string ?? Self.choicesField))
    case "json":
      var path: JSONPath?
      if let text = json["path"]?.string { path = try JSONPath(text) }
      form = .json(JSONReading(path: path))
    case "rating": form = .rating(try Self.rating(json["range"]))
    case "label":
      form = .label(LabelReading(labels: try Self.labels(json["labels"])))
    case "regex":
      guard let pattern = json["pattern"]?.string else {
        throw Problem("the reading 'regex' must have a 'pattern'", at: nil)
      }
      let choice = json["match"]?.string.flatMap(PatternReading.Choice.init) ?? .first
      form = .regex(try PatternReading(pattern: pattern, choice: choice))
    default:
      if let harness = HarnessReading(rawValue: name) {
        form = .harness(harness)
        return
      }
      throw Problem(
        "unknown reading '\(name)'",
        at: nil,
        hint: didYouMean(name, among: Self.forms) ?? "it may be \(Wording.choice(Self.forms))"
      )
    }
  }

  /// The reading that `as: NAME` alone means.
  ///
  /// - Throws: A problem without position for an unknown name, and for `label` and `regex`, which
  ///   need labels and a pattern that only a template can give.
  package init(as name: String) throws(Problem) {
    try self.init(json: ["as": .string(name)])
  }

  /// Where a record's choices are unless a template says otherwise.
  static let choicesField = "choices"

  private static func rating(_ range: JSON?) throws(Problem) -> RatingReading {
    let standard = RatingReading.defaultRange
    guard let range else { return RatingReading(low: standard.low, high: standard.high) }
    guard let bounds = range.array?.map(\.number), bounds.count == 2, let low = bounds[0],
      let high = bounds[1], low < high
    else {
      throw Problem(
        "the reading 'rating' wants as 'range' the lowest and the highest rating; found "
          + range.canonicalText,
        at: nil,
        hint: "write 'range: [1, 5]'"
      )
    }
    return RatingReading(low: low, high: high)
  }

  private static func labels(_ json: JSON?) throws(Problem) -> [LabelReading.Label] {
    guard let list = json?.array, !list.isEmpty else {
      throw Problem(
        "the reading 'label' must have 'labels'",
        at: nil,
        hint: "list them in the template: 'labels: [positive, negative]'"
      )
    }
    var labels: [LabelReading.Label] = []
    for entry in list {
      guard let name = entry["name"]?.string else {
        throw Problem("a label must have a 'name'; found \(entry.kindName)", at: nil)
      }
      let words = entry["words"]?.array?.compactMap(\.string) ?? []
      labels.append(LabelReading.Label(name: name, words: words))
    }
    return labels
  }
}
