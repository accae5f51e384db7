/// Reads the text of a regular expression.
struct PatternParser {
  /// What `(?i)` and the like switch on.
  struct Flags {
    var ignoresCase = false
    var dotIsAnything = false
    var isMultiline = false
  }

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var flags = Flags()
  private var depth = 0
  /// How many groups take text.
  private(set) var groups = 0

  /// How deep groups may stand in each other.
  private static let depthLimit = 100
  /// The largest number in a repeat; a pattern that needs more is a mistake.
  private static let repeatLimit = 1000

  init(_ source: String) {
    scalars = Array(source.unicodeScalars)
  }

  mutating func parse() throws(PatternError) -> PatternNode {
    let node = try choice()
    if peek == ")" { throw error("a ')' without its '('") }
    return node
  }

  // MARK: The text

  private var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[index...].starts(with: wanted) else { return false }
    index += wanted.count
    return true
  }

  private mutating func next() throws(PatternError) -> Unicode.Scalar {
    guard let scalar = peek else { throw error("the pattern ends too early") }
    index += 1
    return scalar
  }

  private func error(_ what: String) -> PatternError {
    PatternError(what: what, place: index + 1)
  }

  private mutating func number() -> Int? {
    var digits = ""
    while let scalar = peek, ("0"..."9").contains(scalar) {
      digits.unicodeScalars.append(scalar)
      index += 1
    }
    return Int(digits)
  }

  // MARK: Structure

  private mutating func choice() throws(PatternError) -> PatternNode {
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(PatternError) -> PatternNode {
    var parts: [PatternNode] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      guard let part = try atom() else { continue }
      parts.append(try repeats(of: part))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// One part before its repeats; nil for what only switches a flag or says nothing.
  private mutating func atom() throws(PatternError) -> PatternNode? {
    let start = index
    switch try next() {
    case "(": return try group()
    case "[": return .one(try self.set())
    case ".": return one(kind: flags.dotIsAnything ? .anything : .notLineFeed)
    case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .assertion(flags.isMultiline ? .lineEnd : .lastLineEnd)
    case "\\": return try escaped()
    case "*", "+", "?":
      index = start
      throw error("nothing stands before the repeat")
    case let scalar: return one(scalar)
    }
  }

  private func one(_ scalar: Unicode.Scalar) -> PatternNode {
    .one(PatternClass(ranges: [scalar.value...scalar.value], ignoresCase: flags.ignoresCase))
  }

  private func one(kind: PatternClass.Kind, isNegated: Bool = false) -> PatternNode {
    .one(PatternClass(kinds: [(kind, isNegated)]))
  }

  // MARK: Repeats

  private mutating func repeats(of part: PatternNode) throws(PatternError) -> PatternNode {
    let start = index
    guard let bounds = try bounds() else { return part }
    if case .assertion = part {
      index = start
      throw error("nothing that can be repeated stands before the repeat")
    }
    let isGreedy = !take("?")
    if isGreedy, peek == "+" { throw error("possessive repeats are not read") }
    if try self.bounds() != nil { throw error("a repeat of a repeat needs a group") }
    return .repeated(part, atLeast: bounds.atLeast, atMost: bounds.atMost, isGreedy: isGreedy)
  }

  private mutating func bounds() throws(PatternError) -> (atLeast: Int, atMost: Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = index
    guard take("{") else { return nil }
    let atLeast = number()
    var atMost = atLeast
    if take(",") { atMost = number() } else if atLeast == nil { return back(to: start) }
    // Python takes a brace that gives no bounds as it is.
    guard index > start + 1, take("}") else { return back(to: start) }
    if let atMost, atMost < atLeast ?? 0 { throw error("the bounds of the repeat are reversed") }
    if max(atLeast ?? 0, atMost ?? 0) > Self.repeatLimit {
      throw error("a repeat may be bounded by \(Self.repeatLimit) at most")
    }
    return (atLeast ?? 0, atMost)
  }

  private mutating func back(to start: Int) -> (atLeast: Int, atMost: Int?)? {
    index = start
    return nil
  }

  // MARK: Groups

  private mutating func group() throws(PatternError) -> PatternNode? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw error("groups stand too deep in each other") }
    guard take("?") else { return try numbered() }
    if take(":") { return try inside() }
    if take("#") { return try comment() }
    if take("=") { return try look(isAhead: true, isNegative: false) }
    if take("!") { return try look(isAhead: true, isNegative: true) }
    if take("<=") { return try look(isAhead: false, isNegative: false) }
    if take("<!") { return try look(isAhead: false, isNegative: true) }
    // Python's own spelling and the one of most other languages.
    if take("P<") || take("<") { return try named() }
    if peek == "P" { throw error("back references are not read") }
    if peek == ">" || peek == "(" { throw error("atomic and conditional groups are not read") }
    return try flagged()
  }

  private mutating func inside() throws(PatternError) -> PatternNode {
    let outer = flags
    let node = try choice()
    flags = outer
    guard take(")") else { throw error("a '(' without its ')'") }
    return node
  }

  private mutating func numbered() throws(PatternError) -> PatternNode {
    groups += 1
    let number = groups
    return .group(try inside(), number: number)
  }

  private mutating func named() throws(PatternError) -> PatternNode {
    let start = index
    while let scalar = peek, PatternClass.isWord(scalar) { index += 1 }
    guard index > start, take(">") else { throw error("the group's name does not end with '>'") }
    return try numbered()
  }

  private mutating func look(isAhead: Bool, isNegative: Bool) throws(PatternError) -> PatternNode {
    let before = groups
    let node = try inside()
    guard isAhead || node.width != nil else {
      throw error("what is looked for behind must have a fixed length")
    }
    // What a look found is remembered as yes or no, without the places of groups.
    guard groups == before else { throw error("a group inside of a look must be '(?:'") }
    return .look(node, isAhead: isAhead, isNegative: isNegative)
  }

  private mutating func comment() throws(PatternError) -> PatternNode? {
    while try next() != ")" {}
    return nil
  }

  /// `(?i)` for the whole pattern, `(?i:…)` and `(?-i:…)` for a part.
  private mutating func flagged() throws(PatternError) -> PatternNode? {
    let isFirst = index == 2
    let outer = flags
    var isOn = true
    while let scalar = peek, scalar != ")", scalar != ":" {
      index += 1
      switch scalar {
      case "-" where isOn: isOn = false
      case "i": flags.ignoresCase = isOn
      case "s": flags.dotIsAnything = isOn
      case "m": flags.isMultiline = isOn
      case "u" where isOn: break
      default: throw error("the flag '\(scalar)' is not read")
      }
    }
    if take(":") {
      let node = try choice()
      flags = outer
      guard take(")") else { throw error("a '(' without its ')'") }
      return node
    }
    guard take(")") else { throw error("a '(' without its ')'") }
    guard isFirst else { throw error("flags for the whole pattern must stand at its start") }
    return nil
  }
}

// MARK: - Escapes and sets

extension PatternParser {
  /// What an escape stands for inside and outside of sets.
  private enum Escape {
    case scalar(Unicode.Scalar)
    case kind(PatternClass.Kind, isNegated: Bool)
  }

  private mutating func escaped() throws(PatternError) -> PatternNode {
    switch peek {
    case "A": index += 1; return .assertion(.textStart)
    case "Z": index += 1; return .assertion(.textEnd)
    case "b": index += 1; return .assertion(.wordBoundary)
    case "B": index += 1; return .assertion(.noWordBoundary)
    case .some("1"..."9"): throw error("back references are not read")
    default: break
    }
    switch try escape() {
    case .scalar(let scalar): return one(scalar)
    case .kind(let kind, let isNegated): return one(kind: kind, isNegated: isNegated)
    }
  }

  private mutating func escape() throws(PatternError) -> Escape {
    let scalar = try next()
    switch scalar {
    case "d": return .kind(.digit, isNegated: false)
    case "D": return .kind(.digit, isNegated: true)
    case "s": return .kind(.space, isNegated: false)
    case "S": return .kind(.space, isNegated: true)
    case "w": return .kind(.word, isNegated: false)
    case "W": return .kind(.word, isNegated: true)
    case "n": return .scalar("\n")
    case "t": return .scalar("\t")
    case "r": return .scalar("\r")
    case "f": return .scalar("\u{0C}")
    case "v": return .scalar("\u{0B}")
    case "a": return .scalar("\u{07}")
    case "x": return .scalar(try coded(digits: 2))
    case "u": return .scalar(try coded(digits: 4))
    case "U": return .scalar(try coded(digits: 8))
    case "0": return .scalar("\0")
    case "a"..."z", "A"..."Z", "1"..."9": throw error("the escape '\\\(scalar)' is not known")
    default: return .scalar(scalar)
    }
  }

  private mutating func coded(digits: Int) throws(PatternError) -> Unicode.Scalar {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = Character(try next()).hexDigitValue else {
        throw error("the escape wants \(digits) hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
    }
    guard let scalar = Unicode.Scalar(value) else { throw error("there is no such scalar") }
    return scalar
  }

  private mutating func set() throws(PatternError) -> PatternClass {
    let isNegated = take("^")
    var ranges: [ClosedRange<UInt32>] = []
    var kinds: [(kind: PatternClass.Kind, isNegated: Bool)] = []
    var isFirst = true
    while isFirst || peek != "]" {
      isFirst = false
      guard case .scalar(let low) = try member(&kinds) else { continue }
      guard peek == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else {
        ranges.append(low.value...low.value)
        continue
      }
      index += 1
      guard case .scalar(let high) = try member(&kinds), high.value >= low.value else {
        throw error("the range in the set has no end, or one before its start")
      }
      ranges.append(low.value...high.value)
    }
    index += 1
    return PatternClass(
      ranges: ranges,
      kinds: kinds,
      isNegated: isNegated,
      ignoresCase: flags.ignoresCase
    )
  }

  private mutating func member(
    _ kinds: inout [(kind: PatternClass.Kind, isNegated: Bool)]
  ) throws(PatternError) -> Escape {
    let scalar = try next()
    guard scalar == "\\" else { return .scalar(scalar) }
    if take("b") { return .scalar("\u{08}") }
    let escape = try escape()
    if case .kind(let kind, let isNegated) = escape { kinds.append((kind, isNegated)) }
    return escape
  }
}
