import Primitives

/// The members of a request's body, read by name; a wrong one is refused by name.
///
/// Null is the same as absent, as the clients of the API have it. A member that no reader knows is
/// refused too: a setting that is silently ignored gives answers that look right.
struct Parameters {
  private let object: JSONObject
  /// Where the object stands in the body: `""` or `method.supervised.hyperparameters.`.
  private let prefix: String

  init(_ object: JSONObject, prefix: String = "") {
    self.object = object
    self.prefix = prefix
  }

  /// Reads a request's body, which must be one JSON object.
  init(body: [UInt8]) throws(APIError) {
    let json: JSON
    do {
      json = try JSON(parsing: body)
    } catch {
      throw APIError(status: 400, "the body is not valid JSON: \(error)", code: "invalid_json")
    }
    guard let object = json.object else {
      throw APIError(
        status: 400,
        "the body is \(json.kindName), not an object",
        code: "invalid_json"
      )
    }
    self.init(object)
  }

  func name(_ key: String) -> String { prefix + key }

  subscript(key: String) -> JSON? {
    guard let value = object[key], !value.isNull else { return nil }
    return value
  }

  func text(_ key: String) throws(APIError) -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.string else { throw wrong(key, value, expected: "a text") }
    return text
  }

  func requiredText(_ key: String) throws(APIError) -> String {
    guard let text = try text(key) else { throw missing(key) }
    return text
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws(APIError) -> Double? {
    guard let value = self[key] else { return nil }
    guard let number = value.number else { throw wrong(key, value, expected: "a number") }
    guard range.contains(number) else {
      throw .invalid(
        name(key),
        "'\(name(key))' is \(number); expected a number from \(range.lowerBound) to "
          + "\(range.upperBound)"
      )
    }
    return number
  }

  func integer(_ key: String, in range: ClosedRange<Int64>) throws(APIError) -> Int64? {
    guard let value = self[key] else { return nil }
    guard let integer = value.integer else { throw wrong(key, value, expected: "a whole number") }
    guard range.contains(integer) else {
      throw .invalid(
        name(key),
        "'\(name(key))' is \(integer); expected a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)"
      )
    }
    return integer
  }

  func bool(_ key: String) throws(APIError) -> Bool? {
    guard let value = self[key] else { return nil }
    guard let bool = value.bool else { throw wrong(key, value, expected: "true or false") }
    return bool
  }

  func object(_ key: String) throws(APIError) -> JSONObject? {
    guard let value = self[key] else { return nil }
    guard let object = value.object else { throw wrong(key, value, expected: "a map") }
    return object
  }

  /// A text, or a list of texts.
  func texts(_ key: String, atMost limit: Int) throws(APIError) -> [String] {
    guard let value = self[key] else { return [] }
    if let text = value.string { return [text] }
    guard let elements = value.array else {
      throw wrong(key, value, expected: "a text or a list of texts")
    }
    let texts = elements.compactMap(\.string)
    guard texts.count == elements.count else {
      throw .invalid(name(key), "'\(name(key))' holds something that is not a text")
    }
    guard texts.count <= limit else {
      throw .invalid(
        name(key),
        "'\(name(key))' holds \(texts.count) texts; expected at most \(limit)"
      )
    }
    return texts
  }

  /// Refuses every member that is not among the known names.
  func refuseOthers(than known: Set<String>) throws(APIError) {
    for key in object.keys where !known.contains(key) {
      throw .invalid(
        name(key),
        "unknown parameter '\(name(key))'",
        code: "unknown_parameter"
      )
    }
  }

  func missing(_ key: String) -> APIError {
    .invalid(name(key), "'\(name(key))' is missing", code: "missing_required_parameter")
  }

  func wrong(_ key: String, _ value: JSON, expected: String) -> APIError {
    .invalid(
      name(key),
      "'\(name(key))' is \(value.kindName); expected \(expected)",
      code: "invalid_type"
    )
  }
}
