/// A regular expression as steps for `PatternMatcher`.
struct PatternProgram: Sendable {
  enum Step: Sendable {
    case take(PatternClass)
    case check(PatternNode.Assertion)
    /// Goes on at the first place, and at the second if that comes to nothing.
    case either(Int, Int)
    case go(Int)
    /// Notes the place in the text: the start of group n at 2n, its end at 2n + 1.
    case note(Int)
    /// Whether the steps up to the next `.found` lead there from as many scalars back.
    case look(back: Int, isNegative: Bool, then: Int)
    case found
  }

  private(set) var steps: [Step] = []
  let groups: Int

  /// A pattern of more steps is refused: matching needs a bit for each step and scalar.
  private static let stepLimit = 4096

  init(_ node: PatternNode, groups: Int) throws(PatternError) {
    self.groups = groups
    try add(node)
    try add(.found)
  }

  private mutating func add(_ step: Step) throws(PatternError) {
    guard steps.count < Self.stepLimit else {
      throw PatternError(what: "the pattern comes to more than \(Self.stepLimit) steps", place: 1)
    }
    steps.append(step)
  }

  private mutating func add(_ node: PatternNode) throws(PatternError) {
    switch node {
    case .sequence(let parts):
      for part in parts { try add(part) }
    case .choice(let branches): try add(branches)
    case .one(let set): try add(.take(set))
    case .repeated(let part, let atLeast, let atMost, let isGreedy):
      for _ in 0..<atLeast { try add(part) }
      if let atMost {
        try addOptional(part, times: atMost - atLeast, isGreedy: isGreedy)
      } else {
        try addEndless(part, isGreedy: isGreedy)
      }
    case .group(let part, let number):
      try add(.note(2 * number))
      try add(part)
      try add(.note(2 * number + 1))
    case .assertion(let assertion): try add(.check(assertion))
    case .look(let part, let isAhead, let isNegative):
      let look = steps.count
      try add(.found)
      try add(part)
      try add(.found)
      let back = isAhead ? 0 : part.width ?? 0
      steps[look] = .look(back: back, isNegative: isNegative, then: steps.count)
    }
  }

  private mutating func add(_ branches: [PatternNode]) throws(PatternError) {
    var ends: [Int] = []
    for branch in branches.dropLast() {
      let fork = steps.count
      try add(.found)
      try add(branch)
      ends.append(steps.count)
      try add(.found)
      steps[fork] = .either(fork + 1, steps.count)
    }
    if let last = branches.last { try add(last) }
    for end in ends { steps[end] = .go(steps.count) }
  }

  private mutating func addOptional(
    _ part: PatternNode,
    times: Int,
    isGreedy: Bool
  ) throws(PatternError) {
    var forks: [Int] = []
    for _ in 0..<times {
      forks.append(steps.count)
      try add(.found)
      try add(part)
    }
    for fork in forks { steps[fork] = Self.fork(fork + 1, steps.count, isGreedy: isGreedy) }
  }

  /// Any number of times.
  ///
  /// A part that may match nothing is entered once before the loop is judged (`(x+)?`), so that a
  /// group in it notes an empty match, as Python's does.
  private mutating func addEndless(_ part: PatternNode, isGreedy: Bool) throws(PatternError) {
    let fork = steps.count
    try add(.found)
    try add(part)
    if part.isNullable {
      try add(Self.fork(fork + 1, steps.count + 1, isGreedy: isGreedy))
    } else {
      try add(.go(fork))
    }
    steps[fork] = Self.fork(fork + 1, steps.count, isGreedy: isGreedy)
  }

  private static func fork(_ into: Int, _ past: Int, isGreedy: Bool) -> Step {
    isGreedy ? .either(into, past) : .either(past, into)
  }
}
