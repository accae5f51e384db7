import Primitives

/// One arithmetic word problem with its solution.
struct Problem {
  let question: String
  /// Equations in the order in which they are worked: `5 + 3 = 8`.
  let steps: [String]
  let answer: Int
  /// What one gets by leaving out the last step.
  let carelessAnswer: Int

  /// The solution as the models learn to write it.
  var workedAnswer: String {
    (steps + ["The answer is \(answer)"]).map { $0 + "." }.joined(separator: " ")
  }

  /// A row of a data set.
  func row(id: String) -> JSON {
    [
      "id": .string(id), "question": .string(question), "answer": .string(workedAnswer),
      "label": .string(String(answer)),
    ]
  }
}

/// A story that grows sentence by sentence while one number is kept.
struct Story {
  private(set) var sentences: [String] = []
  private(set) var steps: [String] = []
  /// What the last step came to.
  private(set) var value: Int
  private var valueBefore: Int

  /// A story that starts from a known number.
  init(_ sentence: String, value: Int) {
    sentences = [sentence]
    self.value = value
    valueBefore = value
  }

  mutating func plus(_ number: Int, _ sentence: String) {
    step("+", number, value + number, sentence)
  }

  mutating func minus(_ number: Int, _ sentence: String) {
    step("-", number, value - number, sentence)
  }

  mutating func times(_ number: Int, _ sentence: String) {
    step("*", number, value * number, sentence)
  }

  mutating func divided(by number: Int, _ sentence: String) {
    step("/", number, value / number, sentence)
  }

  private mutating func step(_ sign: String, _ number: Int, _ result: Int, _ sentence: String) {
    if !sentence.isEmpty { sentences.append(sentence) }
    steps.append("\(value) \(sign) \(number) = \(result)")
    valueBefore = value
    value = result
  }

  /// The problem, with the question as its last sentence.
  func asking(_ question: String) -> Problem {
    Problem(
      question: (sentences + [question]).joined(separator: " "),
      steps: steps,
      answer: value,
      carelessAnswer: valueBefore
    )
  }
}
