package import Primitives

/// How a single value becomes text, the same for labels, ids and templates.
package enum Scalar {
  /// The text of a text, number or boolean; nil for null, lists and maps.
  ///
  /// A number without a fraction is written without a point (SVAMP's `51.0` is `51`), others in the
  /// shortest form that reads back the same.
  package static func text(_ value: JSON) -> String? {
    switch value {
    case .string(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .integer, .number: value.integer.map(String.init) ?? value.canonicalText
    case .null, .array, .object: nil
    }
  }

  /// Without the white space (Unicode's White_Space) at both ends.
  package static func trimmed(_ text: some StringProtocol) -> String {
    var scalars = String(text).unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }
}
