/// What Python's text methods do, where harnesses rely on them.
enum PythonText {
  /// `str.isspace` of one scalar: white space, and the four separators U+001C to U+001F.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
      0x205F, 0x3000:
      true
    default: false
    }
  }

  /// `str.strip()`.
  static func strip(_ scalars: some BidirectionalCollection<Unicode.Scalar>) -> [Unicode.Scalar] {
    var slice = scalars[...]
    while let first = slice.first, isSpace(first) { slice.removeFirst() }
    while let last = slice.last, isSpace(last) { slice.removeLast() }
    return Array(slice)
  }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
  }

  /// Without the 32 marks of `string.punctuation`, which are ASCII's.
  static func withoutMarks(_ text: String) -> String {
    string(
      text.unicodeScalars.filter { scalar in
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: false
        default: true
        }
      }
    )
  }

  /// Without the scalars whose Unicode category is one of punctuation.
  static func withoutPunctuation(
    _ scalars: some Sequence<Unicode.Scalar>
  ) -> [Unicode.Scalar] {
    scalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
        .initialPunctuation, .finalPunctuation, .otherPunctuation:
        false
      default: true
      }
    }
  }
}
