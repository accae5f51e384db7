import Primitives

/// Word problems with small numbers: things come and go, groups of equal size, comparisons between
/// people, and fair shares.
///
/// No number in a problem or its solution exceeds 20 or falls below zero: what is hard is the number
/// of steps, not the single step.
struct ArithmeticGenerator {
  private var random: SeededGenerator

  static func exercise(steps: Int, _ random: inout SeededGenerator) -> Exercise {
    var generator = ArithmeticGenerator(random: random)
    defer { random = generator.random }
    return switch generator.random.below(4) {
    case 0: generator.changes(steps: steps)
    case 1: generator.groups(steps: steps)
    case 2: generator.comparison(steps: steps)
    default: generator.share(steps: steps)
    }
  }

  private mutating func pick(_ list: [String]) -> String { list[random.below(list.count)] }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.below(range.count)
  }

  private mutating func people(_ count: Int) -> [String] {
    var names = ArithmeticWords.names
    random.shuffle(&names)
    return Array(names.prefix(count))
  }

  /// Something comes or goes.
  private mutating func change(_ story: inout Story, _ person: String) {
    let goes = story.value > 2 && (story.value > 14 || random.below(2) == 0)
    let number = number(1...(goes ? min(story.value - 1, 6) : 6))
    let pattern = pick(goes ? ArithmeticWords.losses : ArithmeticWords.gains)
    story.step(goes ? .minus : .plus, number, pattern, .init(person: person, numbers: [number]))
  }

  /// Things come and go: Ann has 5 apples and gets 3 more.
  private mutating func changes(steps: Int) -> Exercise {
    let person = people(1)[0]
    let start = number(3...12)
    var story = Story(
      pick(ArithmeticWords.openings),
      value: start,
      things: pick(ArithmeticWords.things),
      .init(person: person, numbers: [start])
    )
    for _ in 0..<steps { change(&story, person) }
    return story.asking(pick(ArithmeticWords.finalQuestions), .init(person: person))
  }

  /// Groups of equal size, then changes: Ann has 3 bags with 4 apples in each.
  private mutating func groups(steps: Int) -> Exercise {
    let person = people(1)[0]
    let count = number(2...4)
    let size = number(2...5)
    let containers = pick(ArithmeticWords.containers)
    var story = Story(
      pick(ArithmeticWords.groups),
      value: count,
      things: pick(ArithmeticWords.things),
      .init(person: person, numbers: [count, size], containers: containers)
    )
    story.step(.times, size, nil, .init())
    for _ in 1..<steps { change(&story, person) }
    return story.asking(pick(ArithmeticWords.finalQuestions), .init(person: person))
  }

  /// A chain of people: Ann has 5 apples, Ben has 3 more than Ann.
  private mutating func comparison(steps: Int) -> Exercise {
    let people = people(steps + 1)
    let start = number(3...9)
    var story = Story(
      pick(ArithmeticWords.openings),
      value: start,
      things: pick(ArithmeticWords.things),
      .init(person: people[0], numbers: [start])
    )
    for index in 1...steps { compare(&story, people[index], with: people[index - 1]) }
    return story.asking(pick(ArithmeticWords.comparisonQuestions), .init(person: people[steps]))
  }

  private mutating func compare(_ story: inout Story, _ person: String, with other: String) {
    if story.value <= 10, random.below(3) == 0 {
      let filling = Story.Filling(person: person, other: other)
      return story.step(.times, 2, pick(ArithmeticWords.double), filling)
    }
    let isFewer = story.value > 2 && (story.value > 14 || random.below(2) == 0)
    let number = number(1...(isFewer ? min(story.value - 1, 6) : 6))
    let pattern = pick(isFewer ? ArithmeticWords.fewer : ArithmeticWords.more)
    let filling = Story.Filling(person: person, other: other, numbers: [number])
    story.step(isFewer ? .minus : .plus, number, pattern, filling)
  }

  /// Changes, then a division that leaves no rest.
  private mutating func share(steps: Int) -> Exercise {
    let person = people(1)[0]
    let things = pick(ArithmeticWords.things)
    // Most sums cannot be shared evenly: draw until one can.
    while true {
      let start = number(4...12)
      var story = Story(
        pick(ArithmeticWords.openings),
        value: start,
        things: things,
        .init(person: person, numbers: [start])
      )
      for _ in 1..<steps { change(&story, person) }
      let friends = number(2...3)
      guard story.value.isMultiple(of: friends) else { continue }
      let filling = Story.Filling(person: person, numbers: [friends])
      story.step(.over, friends, pick(ArithmeticWords.shares), filling)
      return story.asking(pick(ArithmeticWords.shareQuestions), .init(person: person))
    }
  }
}
