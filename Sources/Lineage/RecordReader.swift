import Primitives

/// Why a record cannot be read.
package struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// Members of a JSON object that a record must have.
struct RecordReader {
  private let json: JSON
  private let name: String

  init(_ json: JSON, of name: String) throws(RecordError) {
    guard json.object != nil else {
      throw RecordError("\(name) must be a map; found \(json.kindName)")
    }
    self.json = json
    self.name = name
  }

  func member(_ key: String) throws(RecordError) -> JSON {
    guard let value = json[key] else { throw RecordError("\(name) lacks '\(key)'") }
    return value
  }

  func text(_ key: String) throws(RecordError) -> String {
    let value = try member(key)
    guard let text = value.string else { throw wrong(key, value, "a text") }
    return text
  }

  func integer(_ key: String) throws(RecordError) -> Int {
    let value = try member(key)
    guard let number = value.int else { throw wrong(key, value, "a whole number") }
    return number
  }

  func digest(_ key: String) throws(RecordError) -> Digest {
    let value = try text(key)
    guard let digest = Digest(hex: value) else {
      throw wrong(key, .string(value), "a SHA-256 digest")
    }
    return digest
  }

  private func wrong(_ key: String, _ found: JSON, _ expected: String) -> RecordError {
    RecordError("'\(key)' of \(name) must be \(expected); found \(found.kindName)")
  }
}
