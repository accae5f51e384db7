package import Diagnostics
package import Primitives

/// How a model is to choose its tokens.
///
/// The seed is no part of it: see `Draw`.
package struct DecodingParameters: Equatable, Sendable {
  /// At least 0; 0 takes the likeliest token.
  package var temperature: Double
  /// In `0...1`.
  package var topP: Double
  package var topK: Int?
  /// Most tokens of an answer.
  package var maxTokens: Int?
  package var stop: [String]
  package var frequencyPenalty: Double?
  package var presencePenalty: Double?

  package init(
    temperature: Double = 0,
    topP: Double = 1,
    topK: Int? = nil,
    maxTokens: Int? = nil,
    stop: [String] = [],
    frequencyPenalty: Double? = nil,
    presencePenalty: Double? = nil
  ) {
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.maxTokens = maxTokens
    self.stop = stop
    self.frequencyPenalty = frequencyPenalty
    self.presencePenalty = presencePenalty
  }

  /// The form in keys; each field has one type of number whatever its value.
  package var json: JSON {
    var members = JSONObject([("temperature", .number(temperature)), ("top_p", .number(topP))])
    members["top_k"] = topK.map { JSON($0) }
    members["max_tokens"] = maxTokens.map { JSON($0) }
    members["stop"] = stop.isEmpty ? nil : .array(stop.map(JSON.string))
    members["frequency_penalty"] = frequencyPenalty.map(JSON.number)
    members["presence_penalty"] = presencePenalty.map(JSON.number)
    return .object(members)
  }

  /// Reads what `json` writes; absent members take their defaults.
  package init(json: JSON) throws(Problem) {
    guard let object = json.object else {
      throw Problem("decoding is \(json.kindName); expected a map", at: nil)
    }
    self.init()
    for (name, value) in object.members { try set(name, value) }
  }

  private mutating func set(_ name: String, _ value: JSON) throws(Problem) {
    switch name {
    case "temperature": temperature = try Self.number(name, value, in: 0...100)
    case "top_p": topP = try Self.number(name, value, in: 0...1)
    case "top_k": topK = try Self.count(name, value)
    case "max_tokens": maxTokens = try Self.count(name, value)
    case "frequency_penalty": frequencyPenalty = try Self.number(name, value, in: -2...2)
    case "presence_penalty": presencePenalty = try Self.number(name, value, in: -2...2)
    case "stop": stop = try Self.texts(name, value)
    default: throw Problem("unknown decoding parameter '\(name)'", at: nil)
    }
  }

  private static func number(
    _ name: String,
    _ value: JSON,
    in range: ClosedRange<Double>
  ) throws(Problem) -> Double {
    guard let number = value.number, range.contains(number) else {
      throw Problem(
        "'\(name)' is \(value.compactText); expected a number from \(range.lowerBound) to "
          + "\(range.upperBound)",
        at: nil
      )
    }
    return number
  }

  private static func count(_ name: String, _ value: JSON) throws(Problem) -> Int {
    guard let count = value.int, count > 0 else {
      throw Problem(
        "'\(name)' is \(value.compactText); expected a whole number above 0",
        at: nil
      )
    }
    return count
  }

  private static func texts(_ name: String, _ value: JSON) throws(Problem) -> [String] {
    let elements = value.array ?? [value]
    let texts = elements.compactMap(\.string)
    guard texts.count == elements.count else {
      throw Problem("'\(name)' is \(value.compactText); expected a list of texts", at: nil)
    }
    return texts
  }
}
