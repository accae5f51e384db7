/// A text cut into what stands as it is and the names in `${…}`.
///
/// `$${` stands for the characters `${` themselves.
struct Substitution {
  enum Piece {
    case text(String)
    /// A name with its dots cut: `${dataset.task}`; `range` counts scalars of the whole text and
    /// spans `${` to `}`.
    case name([String], range: Range<Int>)
    /// A `${` without its `}`, or with something that is no name between.
    case malformed(String, range: Range<Int>)
  }

  let pieces: [Piece]

  /// Whether a text has anything to put in or unescape.
  static func isNeeded(in text: String) -> Bool {
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: "{") && previous == UInt8(ascii: "$") { return true }
      previous = byte
    }
    return false
  }

  init(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    var pieces: [Piece] = []
    var plain = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count {
      let rest = scalars[index...]
      if rest.starts(with: "$${".unicodeScalars) {
        plain.append(contentsOf: "${".unicodeScalars)
        index += 3
      } else if rest.starts(with: "${".unicodeScalars) {
        if !plain.isEmpty { pieces.append(.text(String(plain))) }
        plain = String.UnicodeScalarView()
        let (piece, end) = Self.piece(in: scalars, from: index)
        pieces.append(piece)
        index = end
      } else {
        plain.append(scalars[index])
        index += 1
      }
    }
    if !plain.isEmpty { pieces.append(.text(String(plain))) }
    self.pieces = pieces
  }

  private static func piece(in scalars: [Unicode.Scalar], from start: Int) -> (Piece, end: Int) {
    guard let close = scalars[start...].firstIndex(of: "}") else {
      let rest = String(String.UnicodeScalarView(scalars[start...]))
      return (.malformed(rest, range: start..<scalars.count), scalars.count)
    }
    let range = start..<close + 1
    let inside = String(String.UnicodeScalarView(scalars[start + 2..<close]))
    let steps = inside.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard !steps.isEmpty, steps.allSatisfy(Self.isStep) else {
      return (.malformed("${\(inside)}", range: range), close + 1)
    }
    return (.name(steps, range: range), close + 1)
  }

  private static func isStep(_ step: String) -> Bool {
    !step.isEmpty
      && step.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
