import Primitives
import Tasks
import Testing

/// The harness modes on their published peculiarities; `Tests/Peers/harness-filters.sh` runs the
/// harnesses themselves beside them on thousands of texts.
@Suite struct HarnessReadingTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let form: String
    let text: String
    let found: String?
    var testDescription: String { "\(form): \(text)" }

    init(_ form: String, _ text: String, _ found: String?) {
      self.form = form
      self.text = text
      self.found = found
    }
  }

  private let record = Record(
    id: "1",
    fields: JSONObject([("choices", ["zoo", "a pond!", "oak", "oak tree"])]),
    label: "B"
  )

  static let cases = [
    // An unterminated number loses its last digit; one digit and "$42." give nothing.
    Case("lm-eval-gsm8k-cot-strict", "The answer is 42", "4"),
    Case("lm-eval-gsm8k-cot-strict", "The answer is 8", nil),
    Case("lm-eval-gsm8k-cot-strict", "The answer is $42.", nil),
    Case("lm-eval-gsm8k-cot-strict", "The answer is 42. The answer is 7.", "42."),
    Case("lm-eval-gsm8k-strict", "#### 1,450.\n#### 3", "1,450."),
    Case("lm-eval-gsm8k-strict", "####18", nil),
    Case("lm-eval-gsm8k-flexible", "It costs 18 dollars...", "..."),
    Case("lm-eval-gsm8k-flexible", "5-3", "-3"),
    Case("lm-eval-gsm8k-flexible", "$1,200 and then 7", "7"),
    Case("lm-eval-gsm8k-flexible", "none", nil),
    Case("grade-school-math", "#### 1,450.", "1450."),
    Case("grade-school-math", "#### ,", nil),
    Case("lm-eval-mmlu-pro", "the answer is (B). The answer is C", "B"),
    Case("lm-eval-mmlu-pro", "the answer is: B", nil),
    Case("lm-eval-multiple-choice", "(A) or rather (C).", "(C)"),
    Case("lm-eval-multiple-choice", "It lives in A POND", "(B)"),
    Case("lm-eval-multiple-choice", "An oak tree", "(D)"),
    Case("lm-eval-multiple-choice", "Answer: B", "(B)"),
    Case("lm-eval-multiple-choice", "(b)", nil),
    Case("nemo-skills-boxed", #"\boxed{1} \boxed{\frac{1}{2}}"#, #"\frac{1}{2}"#),
    Case("nemo-skills-boxed", #"\boxed{1} \boxed{2"#, nil),
    Case("nemo-skills-boxed", "The final answer is 5 apples", "5 apples"),
    Case("nemo-skills-letter", #"\boxed{\text{C}}"#, "C"),
    Case("nemo-skills-letter", "**Answer**: *d", "D"),
    Case("nemo-skills-letter", "**Answer**: **d", nil),
    Case("nemo-skills-letter", "Answer: Dog", nil),
    Case("inspect-answer-letter", "ANSWER: A\nno, answer : b.", "b"),
    Case("inspect-answer-letter", "ANSWER: AB", nil),
    Case("inspect-answer-word", "ANSWER: yes.", "yes"),
    Case("inspect-answer-line", "ANSWER: it is so \n", "it is so "),
    Case("inspect-answer-line", "ANSWER: it\nis so", nil),
    Case("zero-shot-cot-choice", "probably (A), (B) or (C)", "A"),
    Case("zero-shot-cot-number", "$40,000. Or 5", "40000"),
    Case("few-shot-cot-choice", "A or B. The answer is C or D", "C"),
    Case("few-shot-cot-choice", "A or B", "B"),
    Case("few-shot-cot-number", "3 and 4. The answer is 5. Not 6.", "5"),
    Case("few-shot-cot-number", "3 and 4", "4"),
  ]

  @Test(arguments: cases) func findsWhatTheHarnessFinds(example: Case) throws {
    let answer = try Reading(as: example.form).read(example.text, for: record)
    #expect(answer.value == example.found)
    #expect(answer.agrees)
  }

  @Test func everyModeHasACaseAndALine() {
    #expect(Set(Self.cases.map(\.form)) == Set(Reading.harnessForms))
    #expect(Reading.forms == Reading.forms.sorted())
    #expect(Reading.forms.allSatisfy { Reading.summary(of: $0)?.isEmpty == false })
    #expect(Reading.summary(of: "nothing") == nil)
  }

  @Test(arguments: [
    ("lm-eval-gsm8k-strict", "1,450.", "x #### 1450", true),
    ("lm-eval-gsm8k-flexible", "$5", "5", true), ("lm-eval-gsm8k-flexible", "5.0", "5", false),
    ("lm-eval-mmlu-pro", "(B)", "b", true), ("inspect-answer-word", "Yes", "yes", true),
    ("zero-shot-cot-number", "40000", "40,000", false), ("grade-school-math", "5.0", "5", false),
    ("nemo-skills-boxed", "33\\%", "33.0", true), ("nemo-skills-boxed", "x + 1.", "x+1", true),
    ("nemo-skills-letter", "b", "B", false),
  ])
  func comparesAsTheHarnessDoes(form: String, left: String, right: String, isEqual: Bool) throws {
    #expect(try Reading(as: form).equal(left, right) == isEqual)
  }

  @Test func labelsAreThoseOfTheHarness() throws {
    #expect(try Reading(as: "lm-eval-multiple-choice").expected(record) == "(B)")
    let numbered = Record(
      id: "1",
      fields: JSONObject([("choices", ["label": ["1", "2"], "text": ["zoo", "pond"]])]),
      label: "2"
    )
    #expect(try Reading(as: "zero-shot-cot-choice").expected(numbered) == "B")
    let label = Record(id: "1", fields: JSONObject(), label: "1,450")
    #expect(try Reading(as: "grade-school-math").expected(label) == "1450")
    #expect(try Reading(as: "zero-shot-cot-number").expected(label) == "1,450")
  }
}
