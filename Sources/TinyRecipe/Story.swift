import Primitives

/// A word problem that grows sentence by sentence while one number is kept.
struct Story {
  private let things: String
  private var sentences: [String] = []
  private var patterns: [String] = []
  private var steps: [String] = []
  /// The steps as orders: "Start with 5. Add 3."
  private var orders: [String] = []
  /// What the last step came to.
  private(set) var value: Int

  /// - Parameters:
  ///   - pattern: The opening sentence; see `ArithmeticWords`.
  ///   - value: What the first step starts from.
  ///   - things: What is counted.
  ///   - filling: What stands for the pattern's marks.
  init(_ pattern: String, value: Int, things: String, _ filling: Filling) {
    self.things = things
    self.value = value
    orders = ["Start with \(value)."]
    tell(pattern, filling)
  }

  /// What stands for the marks of a pattern, numbers in their order.
  struct Filling {
    var person = ""
    var other = ""
    var numbers: [Int] = []
    var containers = ""
  }

  private mutating func tell(_ pattern: String, _ filling: Filling) {
    var numbers = filling.numbers[...]
    var text = ""
    for character in pattern {
      switch character {
      case "%": text += filling.person
      case "^": text += filling.other
      case "#": text += numbers.popFirst().map(String.init) ?? "#"
      case "@": text += things
      case "&": text += filling.containers
      default: text.append(character)
      }
    }
    sentences.append(text)
    patterns.append(pattern)
  }

  /// Works a step, and tells it unless a sentence before has told it already.
  mutating func step(_ operation: Operation, _ number: Int, _ pattern: String?, _ filling: Filling)
  {
    if let pattern { tell(pattern, filling) }
    let result = operation.apply(value, number)
    steps.append("\(value) \(operation.rawValue) \(number) = \(result)")
    orders.append("\(operation.order) \(number).")
    value = result
  }

  enum Operation: String {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case over = "/"

    var order: String {
      switch self {
      case .plus: "Add"
      case .minus: "Take away"
      case .times: "Multiply by"
      case .over: "Divide by"
      }
    }

    func apply(_ left: Int, _ right: Int) -> Int {
      switch self {
      case .plus: left + right
      case .minus: left - right
      case .times: left * right
      case .over: left / right
      }
    }
  }

  /// The exercise, with the question as its last sentence.
  consuming func asking(_ pattern: String, _ filling: Filling) -> Exercise {
    tell(pattern, filling)
    return Exercise(
      fields: [("question", sentences.joined(separator: " "))],
      steps: steps,
      label: String(value),
      structure: patterns.joined(separator: " "),
      calculation: orders.joined(separator: " "),
      depth: steps.count
    )
  }
}
