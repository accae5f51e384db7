/// A part of a regular expression.
indirect enum PatternNode: Sendable {
  case sequence([PatternNode])
  case choice([PatternNode])
  case one(PatternClass)
  case repeated(PatternNode, atLeast: Int, atMost: Int?, isGreedy: Bool)
  case group(PatternNode, number: Int)
  case assertion(Assertion)
  case look(PatternNode, isAhead: Bool, isNegative: Bool)

  /// Something that holds at a place and takes no text.
  enum Assertion: Sendable {
    case textStart, textEnd
    /// Before nothing or a line feed that is the text's last scalar (`$`).
    case lastLineEnd
    case lineStart, lineEnd
    case wordBoundary, noWordBoundary
  }

  /// Whether it may match without taking any text.
  var isNullable: Bool {
    switch self {
    case .sequence(let parts): parts.allSatisfy(\.isNullable)
    case .choice(let branches): branches.contains(where: \.isNullable)
    case .one: false
    case .repeated(let part, let atLeast, _, _): atLeast == 0 || part.isNullable
    case .group(let part, _): part.isNullable
    case .assertion, .look: true
    }
  }

  /// How many scalars every match of it takes; nil where that varies.
  var width: Int? {
    switch self {
    case .sequence(let parts):
      return parts.reduce(0 as Int?) { sum, part in
        sum.flatMap { sum in part.width.map { sum + $0 } }
      }
    case .choice(let branches):
      let widths = Set(branches.map(\.width))
      return widths.count == 1 ? widths.first ?? nil : nil
    case .one: return 1
    case .repeated(let part, let atLeast, let atMost, _):
      guard atLeast == atMost, let width = part.width else { return nil }
      return width * atLeast
    case .group(let part, _): return part.width
    case .assertion, .look: return 0
    }
  }
}
