#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A JSON value, as read or as to be written.
///
/// Whole numbers and fractions are two cases, since a key must not change because an encoder
/// writes `1.0` as `1`. Texts and keys are compared as UTF-8 bytes: Swift's `String` holds composed
/// and decomposed forms for equal.
package enum JSON: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

/// A JSON object: members in the order they were given, found by the bytes of their keys.
package struct JSONObject: Sendable {
  package private(set) var members: [(key: String, value: JSON)]

  package init(_ members: [(key: String, value: JSON)] = []) {
    self.members = members
  }

  package var keys: [String] { members.map(\.key) }
  package var isEmpty: Bool { members.isEmpty }

  /// The value under a key; setting nil removes the member, setting a new key appends it.
  package subscript(key: String) -> JSON? {
    get { members.first { UTF8Order.equal($0.key, key) }?.value }
    set {
      let index = members.firstIndex { UTF8Order.equal($0.key, key) }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append((key, value))
      case (nil, nil): break
      }
    }
  }
}

/// Order and equality of texts by their UTF-8 bytes.
package enum UTF8Order {
  package static func equal(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    withBytes(left, right) { left, right in
      left.count == right.count && compare(left, right) == 0
    } ?? left.utf8.elementsEqual(right.utf8)
  }

  package static func less(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    withBytes(left, right) { left, right in
      let order = compare(left, right)
      return order < 0 || order == 0 && left.count < right.count
    } ?? left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// Lends the bytes of both; nil where a text does not lie in memory as UTF-8 (macOS bridges some).
  private static func withBytes(
    _ left: some StringProtocol,
    _ right: some StringProtocol,
    _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
  ) -> Bool? {
    let result = left.utf8.withContiguousStorageIfAvailable { left in
      right.utf8.withContiguousStorageIfAvailable { right in body(left, right) }
    }
    return result ?? nil
  }

  /// The sign of the first difference within the shorter one's length; 0 if there is none.
  private static func compare(
    _ left: UnsafeBufferPointer<UInt8>,
    _ right: UnsafeBufferPointer<UInt8>
  ) -> Int32 {
    guard let one = left.baseAddress, let other = right.baseAddress else { return 0 }
    return memcmp(one, other, min(left.count, right.count))
  }
}

// MARK: - Reading a value

extension JSON {
  package var isNull: Bool { if case .null = self { true } else { false } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// A whole number; a fraction with nothing behind the point counts too (`3.0`).
  package var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// Any number as a double.
  package var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  package var int: Int? { integer.flatMap { Int(exactly: $0) } }

  /// The member of an object; nil for any other value.
  package subscript(key: String) -> JSON? { object?[key] }

  /// What the value is, for messages: `a text` and the like.
  package var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer: "a whole number"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "a map"
    }
  }
}

extension JSON: Equatable {
  package static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let one), .bool(let other)): one == other
    case (.integer(let one), .integer(let other)): one == other
    case (.number(let one), .number(let other)): one == other
    case (.string(let one), .string(let other)): UTF8Order.equal(one, other)
    case (.array(let one), .array(let other)): one == other
    case (.object(let one), .object(let other)): one == other
    default: false
    }
  }
}

extension JSONObject: Equatable {
  /// Equal members whatever their order, as JSON has it.
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.count == right.members.count
      && left.members.allSatisfy { right[$0.key] == $0.value }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral, ExpressibleByStringInterpolation
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(nilLiteral: ()) { self = .null }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(JSONObject(elements.map { (key: $0.0, value: $0.1) }))
  }

  /// A whole number of the machine's width.
  package init(_ value: Int) { self = .integer(Int64(value)) }
  package init(_ value: String?) { self = value.map(JSON.string) ?? .null }
}
