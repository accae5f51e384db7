import Diagnostics
import Primitives
import Testing
import Workflow

@Suite("Limits of spending")
struct LimitTests {
  /// A teacher that is asked, and a student that is trained and asked.
  private static func text(
    _ top: String = "budget: 20 USD",
    teacher: String = "",
    student: String = ""
  ) -> String {
    """
    \(top)
    models:
      teacher: {base_url: https://example.net/v1, model: t, revision: '1'\(teacher)}
      student: {base_url: https://example.net/v1, model: s, revision: '1'\(student)}
    nodes:
      train: {kind: dataset, format: jsonl, path: train.jsonl}
      answers: {kind: generate, model: teacher, template: math/cot, data: train}
      labels: {kind: parse, completions: answers}
      training: {kind: substitute-labels, data: train, labels: labels, template: math/vanilla}
      tuned: {kind: fine-tune, model: student, data: training}
      score: {kind: evaluate, model: tuned, template: math/vanilla, data: train}
    """
  }

  private static let calls = ", price: {input: 1, output: 2, as_of: 2024-01-31}"
  private static let all = ", price: {input: 1, output: 2, training: 3, as_of: 2024-01-31}"

  @Test("are read as they are written")
  func read() throws {
    let workflow = try Checked(
      Self.text("budget: 20.5 USD\nin_doubt: skip", teacher: Self.calls, student: Self.all)
    ).workflow()
    #expect(workflow.budget == Money(usd: 20.5))
    #expect(workflow.inDoubt == .skip)
    #expect(workflow.warnings == [])
    let plain = try Checked(Self.text("description: x")).workflow()
    #expect(plain.budget == nil)
    #expect(plain.inDoubt == nil)
  }

  @Test("take parameters")
  func parameters() throws {
    let top = """
      parameters: {most: 5, doubt: ask}
      budget: "${most} USD"
      in_doubt: "${doubt}"
      """
    let text = Self.text(top, teacher: Self.calls, student: Self.all)
    #expect(try Checked(text).workflow().budget == Money(usd: 5))
    #expect(try Checked(text).workflow().inDoubt == .ask)
    let changed = try Checked(text, set: ["most": "7", "doubt": "resend"]).workflow()
    #expect(changed.budget == Money(usd: 7))
    #expect(changed.inDoubt == .resend)
  }

  @Test(
    "are nothing else than an amount and one of three words",
    arguments: [
      "budget: 0 USD", "budget: -1 USD", "budget: 1e3 USD", "budget: 20 EUR", "budget: USD 20",
      "budget: 20USD", "budget: []", "in_doubt: never", "in_doubt: true", "in_doubt: [ask]",
      "in_doubt:",
    ]
  )
  func wrong(top: String) {
    let text = Self.text(top, teacher: Self.calls, student: Self.all)
    let errors = Checked(text).problems.filter { $0.severity == .error }
    #expect(errors.count == 1, "\(errors)")
    #expect(errors.first?.location?.line == 1)
  }

  @Test("need the price of whatever is asked or trained")
  func prices() {
    #expect(
      Checked(Self.text()).summary == [
        "3:3-10 model 'teacher' has no 'price.input' and no 'price.output', so its calls cannot be "
          + "kept within the budget",
        "4:3-10 model 'student' has no 'price.input' and no 'price.output', so its calls cannot be "
          + "kept within the budget",
        "4:3-10 model 'student' has no 'price.training', so its training cannot be kept within the "
          + "budget",
      ]
    )
    #expect(
      Checked(Self.text(teacher: ", price: {input: 1, as_of: 2024-01-31}", student: Self.calls))
        .summary == [
          "3:3-10 model 'teacher' has no 'price.output', so its calls cannot be kept within the "
            + "budget",
          "4:3-10 model 'student' has no 'price.training', so its training cannot be kept within "
            + "the budget",
        ]
    )
    #expect(Checked(Self.text(teacher: Self.calls, student: Self.all)).problems == [])
  }

  @Test("say who asks, where the budget is, and what to write")
  func wording() {
    let text = Checked(Self.text(student: Self.all)).printed
    #expect(text.contains("'answers' asks it"), "\(text)")
    #expect(text.contains("the budget"), "\(text)")
    #expect(text.contains("hint: add 'price: {input: …, output: …}' in USD per million"), "\(text)")
  }

  @Test("leave models alone that are free, or not used, or under no limit")
  func free() {
    let free = ", price: {input: 0, output: 0, training: 0}"
    #expect(Checked(Self.text(teacher: free, student: free)).problems == [])
    #expect(Checked(Self.text("description: x")).problems == [])
    let embedded = """
      budget: 1 USD
      models:
        teacher: {embedded: tiny-teacher}
        idle: {base_url: https://example.net/v1, model: t, revision: '1'}
      nodes:
        train: {kind: dataset, format: jsonl, path: train.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, data: train}
      """
    #expect(Checked(embedded).problems.map(\.message) == ["model 'idle' is not used"])
  }

  @Test("are kept to by a single run as well")
  func oneRun() throws {
    let workflow = try Checked(Self.text("description: x", student: Self.calls)).workflow()
    let problems = PriceRule.problems(in: workflow.expansion, under: .maxCost)
    #expect(
      problems.map(\.message) == [
        "model 'student' has no 'price.training', so its training cannot be kept within "
          + "'--max-cost'",
        "model 'teacher' has no 'price.input' and no 'price.output', so its calls cannot be kept "
          + "within '--max-cost'",
      ]
    )
  }

  @Test("ask how a model tuned at Azure is deployed, if it is asked")
  func deployment() {
    let azure = ", provider: azure-openai\(Self.all)"
    let text = Self.text("description: x", teacher: Self.calls, student: azure)
    #expect(
      Checked(text).summary == [
        "11:3-8 'score' asks what was tuned of model 'student', which Azure OpenAI must deploy first"
      ]
    )
    let trainedOnly = text.split(separator: "\n").dropLast().joined(separator: "\n")
    #expect(Checked(trainedOnly).problems == [])
    let place = "subscription: s, resource_group: g, account: a, token: {env: T}, hourly: 1"
    let deployed = Self.text(
      "description: x",
      teacher: Self.calls,
      student: azure + ", deploy: {\(place)}"
    )
    #expect(Checked(deployed).problems == [])
  }
}
