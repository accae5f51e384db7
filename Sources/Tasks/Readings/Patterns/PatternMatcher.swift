/// Looks for a regular expression in one text.
///
/// Alternatives are tried in the order in which the pattern gives them. A step that came to nothing
/// at a place is never tried there again, by no later attempt either, so the work is bounded by
/// steps times places. (Source: the bit-state matcher of RE2.)
struct PatternMatcher {
  private let program: PatternProgram
  private let text: [Unicode.Scalar]
  /// By place and step: tried, and failed unless it lies on the way that is being tried.
  private var tried: BitTable
  /// By place and step, inside of looks only: leads to success.
  private var succeeded: BitTable
  /// The way being tried, as indices of `tried`.
  private var way: [Int] = []
  private var notes: [Int]
  private var pending: [Pending] = []

  private enum Pending {
    case step(Int, at: Int, way: Int)
    /// A note to put back when the way behind it is given up.
    case note(Int, Int)
  }

  init(_ program: PatternProgram, _ text: [Unicode.Scalar]) {
    self.program = program
    self.text = text
    let size = program.steps.count * (text.count + 1)
    let hasLooks = program.steps.contains { if case .look = $0 { true } else { false } }
    tried = BitTable(count: size)
    succeeded = BitTable(count: hasLooks ? size : 0)
    notes = Array(repeating: -1, count: 2 * (program.groups + 1))
  }

  /// The first match at or behind a place; with `mustAdvance` none that is empty at that place.
  mutating func search(from start: Int, mustAdvance: Bool) -> Pattern.Match? {
    for origin in start...text.count {
      notes = Array(repeating: -1, count: notes.count)
      let refused = mustAdvance && origin == start ? origin : nil
      guard let end = run(0, at: origin, refusedEnd: refused) else { continue }
      forget(at: end)
      return Pattern.Match(
        range: origin..<end,
        groups: (0..<program.groups).map { group in
          let (low, high) = (notes[2 * group + 2], notes[2 * group + 3])
          return low >= 0 && high >= low ? low..<high : nil
        }
      )
    }
    return nil
  }

  /// Matches the program from a step on, trying alternatives in their order.
  ///
  /// - Returns: The end of the match; nil if no alternative matches. What was pending before is
  ///   pending still.
  private mutating func run(_ first: Int, at place: Int, refusedEnd: Int?) -> Int? {
    let (pendingBase, wayBase) = (pending.count, way.count)
    defer {
      pending.removeLast(pending.count - pendingBase)
      if pendingBase == 0 { for index in way { tried.remove(index) } }
      way.removeLast(way.count - wayBase)
    }
    pending.append(.step(first, at: place, way: wayBase))
    while pending.count > pendingBase, let next = pending.popLast() {
      switch next {
      case .note(let slot, let old): notes[slot] = old
      case .step(let step, let place, let length):
        way.removeLast(way.count - length)
        if let end = follow(step, at: place, refusedEnd: refusedEnd) {
          if pendingBase > 0 { markSucceeded(from: wayBase) }
          return end
        }
      }
    }
    way.removeLast(way.count - wayBase)
    return nil
  }

  /// Goes on until the pattern is found or a step fails; alternatives are left in `pending`.
  private mutating func follow(_ first: Int, at start: Int, refusedEnd: Int?) -> Int? {
    var (step, place) = (first, start)
    while true {
      let index = place * program.steps.count + step
      if succeeded.contains(index) { return place }
      guard tried.insert(index) else { return nil }
      way.append(index)
      switch program.steps[step] {
      case .found: return place == refusedEnd ? nil : place
      case .take(let set):
        guard place < text.count, set.contains(text[place]) else { return nil }
        (step, place) = (step + 1, place + 1)
      case .check(let assertion):
        guard holds(assertion, at: place) else { return nil }
        step += 1
      case .go(let target): step = target
      case .either(let target, let other):
        pending.append(.step(other, at: place, way: way.count))
        step = target
      case .note(let slot):
        pending.append(.note(slot, notes[slot]))
        notes[slot] = place
        step += 1
      case .look(let back, let isNegative, let then):
        guard looks(from: step + 1, at: place - back) != isNegative else { return nil }
        step = then
      }
    }
  }

  private mutating func looks(from step: Int, at place: Int) -> Bool {
    guard place >= 0 else { return false }
    // An entry that says nothing: an empty `pending` is how the outermost run is known.
    pending.append(.note(0, notes[0]))
    defer { pending.removeLast() }
    return run(step, at: place, refusedEnd: nil) != nil
  }

  private mutating func markSucceeded(from base: Int) {
    for index in way[base...] { succeeded.insert(index) }
  }

  /// At the end of a match the next search begins, and what failed there may have failed only for
  /// being on the way already.
  private mutating func forget(at place: Int) {
    for step in program.steps.indices { tried.remove(place * program.steps.count + step) }
  }

  private func holds(_ assertion: PatternNode.Assertion, at place: Int) -> Bool {
    switch assertion {
    case .textStart: place == 0
    case .textEnd: place == text.count
    case .lastLineEnd:
      place == text.count || (place == text.count - 1 && text[place] == "\n")
    case .lineStart: place == 0 || text[place - 1] == "\n"
    case .lineEnd: place == text.count || text[place] == "\n"
    case .wordBoundary: isWord(place - 1) != isWord(place)
    case .noWordBoundary: isWord(place - 1) == isWord(place)
    }
  }

  private func isWord(_ place: Int) -> Bool {
    text.indices.contains(place) && PatternClass.isWord(text[place])
  }
}

/// Bits in a row.
struct BitTable {
  private var words: [UInt64]

  init(count: Int) {
    words = Array(repeating: 0, count: (count + 63) / 64)
  }

  /// Whether a bit is set; none is behind the end.
  func contains(_ index: Int) -> Bool {
    index >> 6 < words.count && words[index >> 6] >> UInt64(index & 63) & 1 == 1
  }

  /// Sets a bit; false where it was set before.
  @discardableResult
  mutating func insert(_ index: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(index & 63)
    guard words[index >> 6] & bit == 0 else { return false }
    words[index >> 6] |= bit
    return true
  }

  mutating func remove(_ index: Int) {
    words[index >> 6] &= ~(1 << UInt64(index & 63))
  }
}
