import Primitives
import Tasks
import TestSupport
import Testing

/// Rows that are none of the set: what is said, and at which line and column.
@Suite struct PublishedProblemTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let format: String
    let text: String
    let problems: [String]
    var testDescription: String { "\(format): \(problems.first ?? "")" }
  }

  @Test(arguments: rows + documents) func saysWhatAndWhere(_ wrong: Case) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(wrong.text, to: "data")
    #expect(problems { _ = try records(path, wrong.format) } == wrong.problems)
  }

  private static let question = #""question": "q", "#

  private static let rows = [
    Case(
      format: "gsm8k",
      text: #"{"question": "q", "answer": "a #### many"}"#,
      problems: ["1:1: row 1 has no number behind '#### ' in 'answer'; found 'many'"]
    ),
    Case(
      format: "svamp",
      text: #"[{"question": "q", "answer": "( 10.0 * 45.0 )"}, {"ID": "a", "Body": 1}]"#,
      problems: [
        "1:2: 'answer' in row 1 must be a number; found '( 10.0 * 45.0 )'",
        "1:50: 'Body' in row 2 must be a text; found a whole number",
      ]
    ),
    Case(
      format: "aqua-rat",
      text: """
        {\(question)"options": ["A)1", "B)2"], "correct": "C"}
        {\(question)"options": ["A)1", 2], "correct": "A"}
        {\(question)"options": ["A)1"], "correct": "A"}
        {"options": ["A)1", "B)2"], "correct": "A"}
        """,
      problems: [
        "1:1: 'correct' in row 1 must be a letter from A to B; found 'C'",
        "2:1: 'options' in row 2 must be a list of texts; element 2 is a whole number",
        "3:1: row 3 must have 2 to 26 options; found 1",
        "4:1: row 4 has no column 'question'; it has 'options', 'correct'",
      ]
    ),
    Case(
      format: "arc",
      text: """
        {\(question)"choices": {"label": ["1", "2"], "text": ["a", "b"]}, "answerKey": "A"}
        {\(question)"choices": {"label": ["A"], "text": ["a", "b"]}, "answerKey": "A"}
        {\(question)"choices": {"label": ["A", "A"], "text": ["a", "b"]}, "answerKey": "A"}
        {\(question)"choices": ["a", "b", "a"], "answer": "a"}
        {\(question)"choices": ["a", "b"], "answer": "c"}
        {\(question)"choices": "ab", "answerKey": "A"}
        {"question": {"stem": " ", "choices": []}}
        """,
      problems: [
        "1:1: the answer 'A' in row 1 is none of its choices, '1' and '2'",
        "2:1: 'choices' in row 2 has 1 labels for 2 texts",
        "3:1: two choices in row 3 are labelled 'A'",
        "4:1: the answer 'a' in row 4 is the text of 2 choices, so it does not say which",
        "5:1: the answer 'c' in row 5 is none of its choices",
        "6:1: 'choices' in row 6 must be a list of texts; found a text",
        "7:1: 'stem' in row 7 is empty",
      ]
    ),
    Case(
      format: "anli",
      text: """
        {"premise": "p", "hypothesis": "h", "label": 3}
        {"premise": "p", "hypothesis": "h", "label": "maybe"}
        {"premise": "p", "hypothesis": "", "label": 1}
        {"premise": "p", "hypothesis": "h", "label": [1]}
        """,
      problems: [
        "1:1: the label '3' in row 1 is none of the set's: \(words), 'e', 'n', 'c', '0', '1' or '2'",
        "2:1: the label 'maybe' in row 2 is none of the set's: \(words), 'e', 'n', 'c', '0', "
          + "'1' or '2'",
        "3:1: 'hypothesis' in row 3 is empty",
        "4:1: the label a list in row 4 is none of the set's: \(words), 'e', 'n', 'c', '0', "
          + "'1' or '2'",
      ]
    ),
    Case(
      format: "conjnli",
      text: "Premise\tHypothesis\tLabel\np\th\t0\np\th\n\"p\th\tneutral\n",
      problems: [
        "2:1: the label '0' in row 1 is none of the set's: 'entailment', 'neutral' or "
          + "'contradiction'",
        "3:1: row 2 has 2 cells; the header has 3 columns",
      ]
    ),
    Case(
      format: "help",
      text: "\tgold_label\tori_sentence\tnew_sentence\n0\tcontradiction\tp\th\n",
      problems: [
        "2:1: the label 'contradiction' in row 1 is none of the set's: 'entailment', 'neutral', "
          + "'e' or 'n'"
      ]
    ),
    Case(
      format: "help",
      text: #"{"input": [{"role": "user", "content": "Premise: p Answer:"}], "ideal": "e"}"#,
      problems: [
        "1:1: the last message of 'input' in row 1 must ask 'Premise: … Hypothesis: … Answer:', "
          + "each on a line of its own"
      ]
    ),
    Case(
      format: "gov-report",
      text: #"{"input": "d", "outputs": ["a", "b"]}"#,
      problems: ["1:1: 'outputs' in row 1 must hold one summary; found 2"]
    ),
    Case(
      format: "chain-of-density",
      text: #"[{"article": "a", "gpt_summary": [{"Summary": "x"}]}]"#,
      problems: ["1:2: step 1 of 'gpt_summary' in row 1 has no text 'Denser_Summary'"]
    ),
    Case(
      format: "baize",
      text: """
        [{"input": "Hello"},
        {"input": "[|AI|] a"},
        {"input": "[|Human|] a\\n[|Human|] b"},
        {"input": "[|Human|]\\n[|AI|] b"}]
        """,
      problems: [
        "1:2: 'input' in row 1 has no turn that begins with '[|Human|]'",
        "2:1: turn 1 of 'input' in row 2 must begin with '[|Human|]'; the two take turns",
        "3:1: turn 2 of 'input' in row 3 must begin with '[|AI|]'; the two take turns",
        "4:1: turn 1 of 'input' in row 4 is empty",
      ]
    ),
    Case(
      format: "bbc-news",
      text: "document,summary\n,x\n",
      problems: ["2:1: 'document' in row 1 is empty"]
    ),
  ]

  private static let words = "'entailment', 'neutral', 'contradiction'"

  /// What is no XML, or no XML of ours, at its byte.
  private static let documents = [
    ("", "1:1: the document has no element"),
    ("<a/>", "1:1: the document must be a 'Document' of MedQuAD; found 'a'"),
    ("<Document/>", "1:1: 'Document' has no attribute 'source'"),
    ("<Document source='s'>", "1:1: the document ends inside 'Document'"),
    (
      "<Document source='s'>\n</document>",
      "2:1: found '</document>' where '</Document>' must stand"
    ),
    ("<a/><b/>", "1:5: there is a second outermost element"),
    ("<a/>x", "1:5: text stands outside of the outermost element"),
    ("</a>", "1:1: '</a>' ends nothing"),
    ("<a b=1/>", "1:6: the value of attribute 'b' must be in quotes"),
    ("<a b='1' b='2'/>", "1:10: 'a' has attribute 'b' twice"),
    ("<a b='1'c='2'/>", "1:9: a space must stand before an attribute"),
    ("<a b='<'/>", "1:4: the value of attribute 'b' holds a '<'"),
    ("<1/>", "1:2: a name must stand here"),
    ("<a", "1:1: the tag of 'a' is not closed"),
    ("<a><!-- </a>", "1:4: a comment is not closed"),
    ("<a>&b;</a>", "1:4: '&b;' is no reference that is read"),
    ("<a>&</a>", "1:4: '&' begins no reference"),
    ("<a>&#0;</a>", "1:4: '&#0;' is no reference that is read"),
    ("<a>\u{1}</a>", "1:4: the document holds a control character"),
    (
      "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
      "1:1: the document has a document type or another declaration, which is not read"
    ),
    (
      "<?xml version='1.0' encoding='latin1'?><a/>",
      "1:1: the document says that its encoding is 'latin1'; UTF-8 is read"
    ),
    (
      String(repeating: "<a>", count: 65),
      "1:193: more than 64 elements lie in one another"
    ),
    (
      "<Document source='s'><QAPairs>\n<QAPair><Answer/></QAPair></QAPairs></Document>",
      "2:1: a 'QAPair' must have one 'Question'; found 0"
    ),
    (
      "<Document source='s'><QAPairs><QAPair><Question qid='1' qtype='k'>q</Question>\n"
        + "<Answer>a<b/></Answer></QAPair></QAPairs></Document>",
      "2:10: 'Answer' must hold text; found an element 'b'"
    ),
  ].map { Case(format: "medquad", text: $0.0, problems: [$0.1]) }
}
