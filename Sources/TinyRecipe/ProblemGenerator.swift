import Primitives

/// Word problems of one to three steps with small numbers; the same for the same seed.
///
/// Four families: things come and go, groups of equal size, comparisons between people, and fair
/// shares. No number in a problem or its solution exceeds 99 or falls below zero.
struct ProblemGenerator {
  private var random: SeededGenerator
  private var excluded: Set<String>

  /// - Parameters:
  ///   - seed: Of all choices.
  ///   - label: Separates streams under one seed.
  ///   - excluded: Questions never to be asked.
  init(seed: Int64, label: String, excluding excluded: Set<String> = []) {
    random = SeededGenerator(seed: seed, label: label)
    self.excluded = excluded
  }

  /// The next problem; questions may come back, excluded ones never come.
  mutating func next() -> Problem {
    while true {
      let problem = draw()
      if !excluded.contains(problem.question) { return problem }
    }
  }

  /// The next problems, all different from each other and from those already asked.
  mutating func distinct(_ count: Int) -> [Problem] {
    (0..<count).map { _ in
      let problem = next()
      excluded.insert(problem.question)
      return problem
    }
  }

  private mutating func draw() -> Problem {
    let steps = number(1...3)
    return switch random.below(4) {
    case 0: changes(steps: steps)
    case 1: groups(steps: steps)
    case 2: comparison(steps: steps)
    default: share(steps: steps)
    }
  }

  private mutating func pick<Element>(_ list: [Element]) -> Element {
    list[random.below(list.count)]
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.below(range.count)
  }

  /// People who differ.
  private mutating func people(_ count: Int) -> [String] {
    var names = Words.names
    random.shuffle(&names)
    return Array(names.prefix(count))
  }

  /// Something comes or goes.
  private mutating func change(_ story: inout Story, _ person: String) {
    if story.value > 2, random.below(2) == 0 {
      let number = number(1...min(story.value - 1, 12))
      story.minus(number, Words.fill(pick(Words.losses), person, number))
    } else {
      let number = number(2...12)
      story.plus(number, Words.fill(pick(Words.gains), person, number))
    }
  }

  /// Things come and go: "Ann has 5 apples, gets 3 more, …".
  private mutating func changes(steps: Int) -> Problem {
    let person = people(1)[0]
    let objects = pick(Words.objects)
    let start = number(3...20)
    var story = Story("\(person) has \(start) \(objects).", value: start)
    for _ in 0..<steps { change(&story, person) }
    return story.asking(finalQuestion(person, objects))
  }

  /// Groups of equal size, then changes: "Ann has 3 bags with 4 apples in each, …".
  private mutating func groups(steps: Int) -> Problem {
    let person = people(1)[0]
    let objects = pick(Words.objects)
    let count = number(2...6)
    let size = number(2...9)
    let containers = pick(Words.containers)
    var story = Story(
      "\(person) has \(count) \(containers) with \(size) \(objects) in each.",
      value: count
    )
    story.times(size, "")
    for _ in 1..<steps { change(&story, person) }
    return story.asking(finalQuestion(person, objects))
  }

  /// A chain of people: "Ann has 5, Ben has 3 more than Ann, Cara twice as many as Ben, …".
  private mutating func comparison(steps: Int) -> Problem {
    let people = people(4)
    let objects = pick(Words.objects)
    let start = number(3...15)
    var story = Story("\(people[0]) has \(start) \(objects).", value: start)
    for index in 1...steps { compare(&story, people[index], with: people[index - 1]) }
    return story.asking("How many \(objects) does \(people[steps]) have?")
  }

  private mutating func compare(_ story: inout Story, _ person: String, with other: String) {
    switch random.below(story.value > 20 ? 2 : 3) {
    case 0:
      let number = number(2...12)
      story.plus(number, "\(person) has \(number) more than \(other).")
    case 1 where story.value > 2:
      let number = number(1...min(story.value - 1, 12))
      story.minus(number, "\(person) has \(number) fewer than \(other).")
    default: story.times(2, "\(person) has twice as many as \(other).")
    }
  }

  /// Changes, then a division that leaves no rest.
  private mutating func share(steps: Int) -> Problem {
    let person = people(1)[0]
    let objects = pick(Words.objects)
    // Most sums cannot be shared evenly: draw until one can.
    while true {
      let start = number(4...24)
      var story = Story("\(person) has \(start) \(objects).", value: start)
      for _ in 1..<steps { change(&story, person) }
      let friends = number(2...6)
      guard story.value.isMultiple(of: friends) else { continue }
      story.divided(
        by: friends,
        "\(person) shares them equally among \(friends) friends."
      )
      return story.asking("How many \(objects) does each friend get?")
    }
  }

  private mutating func finalQuestion(_ person: String, _ objects: String) -> String {
    pick([
      "How many \(objects) does \(person) have now?",
      "How many \(objects) are there in the end?",
      "How many \(objects) does \(person) have in the end?",
    ])
  }
}
