import Primitives
import Tasks
import Testing

@Suite struct NumberReadingTests {
  private let reading: Reading

  init() throws { reading = try Reading(as: "number") }

  @Test(arguments: [
    ("39", "39"), ("39.", "39"), ("28.00", "28"), ("$2,125", "2125"), ("1,450,000", "1450000"),
    ("-2", "-2"), ("\u{2212}2", "-2"), ("-$5.50", "-5.5"), ("33%", "33"), ("29/3 liters", "29/3"),
    ("6/4", "1.5"), (".5 miles", "0.5"), ("3 days.", "3"), ("\\$18", "18"), ("007", "7"),
    ("-0", "0"), ("2 1/2 hours", "2.5"), ("1.5 hours", "1.5"), ("\\frac{29}{3}", "29/3"),
  ])
  func readsANumberAsItIsWritten(text: String, value: String) {
    let answer = reading.read(text, for: nil)
    #expect(answer.value == value)
    #expect(answer.strict == value)
    #expect(answer.agrees)
  }

  @Test(arguments: [
    ("2 + 2 = 4. The answer is 4.", "4"),
    ("So 12 apples. The answer is 12. He had 30 at first.", "12"),
    ("The answer (arabic numerals) is 2.", "2"),
    ("Therefore, the answer to the question is $1,200.50 in all.", "1200.5"),
    ("The final answer is $\\boxed{18}$", "18"),
    ("It takes \\boxed{95 minutes}. Or \\boxed{x = 96}", "96"),
    ("Steps with 3 and 4.\n#### 7\nMore: 9", "7"),
    ("She sells 9 * 2 = 18\nA: 18", "18"),
    ("**Final Answer:**\n18 dollars, not 20", "18"),
    ("The answer is 24 * 2 = 48.", "48"),
    ("Faye can make 70 rows with 2 pencils in each row. Answer: 70 rows", "70"),
  ])
  func readsWhatIsMarkedStrictly(text: String, value: String) {
    let answer = reading.read(text, for: nil)
    #expect(answer.strict == value)
    #expect(answer.value == value)
  }

  @Test func withoutAMarkTheLastNumberCounts() {
    let answer = reading.read("She has 3 and 4, which makes 7 in all", for: nil)
    #expect(answer.strict == nil)
    #expect(answer.flexible == "7")
    #expect(answer.value == "7")
    #expect(answer.agrees)
  }

  @Test func aDisagreementIsSeen() {
    let answer = reading.read("The answer is 70 rows with 2 pencils each", for: nil)
    #expect(answer.strict == "70")
    #expect(answer.flexible == "2")
    #expect(!answer.agrees)
  }

  @Test(arguments: [
    ("The answer is: The total number over 3 months was 366.", "366"),
    ("Answer: The price of a bag after 36 months is $92.", "92"),
    ("The answer is 896 divided by 8 which is 112.", "112"),
    ("Answer:\nx = y + 30\nx = 40 + 30\nx = 70\nGretchen has 70 coins.", "70"),
    ("So he is 180 - 135 = 45 miles away after those 4 hours.", "45"),
    ("3 + 4 = 7. He gives away 2 and keeps 5", "5"),
    ("40 / 5 = 8\nAnswer:\nHe sorted 40 cards into 5 boxes of 8 cards.", "8"),
    ("Answer: 10 pens\nStep 2.\nAnswer: 2 pens\nAnswer: 8 more pens", "8"),
    ("Answer:\nShe has 9 pens and 4 cups. Therefore, she has 5 more pens.", "5"),
    ("Shelves = 27 ÷ 3\nAnswer: 9 shelves for 27 books", "9"),
    ("x = 10\nAnswer: a total of 30 (10 of his and 20 of hers)", "30"),
    ("The answer must be above 3. So the answer is 7.", "7"),
  ])
  func readsTheResultAmongOtherNumbers(text: String, value: String) {
    #expect(reading.read(text, for: nil).value == value)
  }

  @Test func whatIsInventedBehindTheAnswerIsNotRead() {
    let text = "3 + 4 = 7.\n\nQ: Tom has 5 pens. How many?\nA: The answer is 5."
    let answer = reading.read(text, for: nil)
    #expect(answer.value == "7")
    #expect(answer.flexible == "7")
  }

  @Test(arguments: ["", "no idea", "The answer cannot be determined.", "H2O", "x2"])
  func withoutANumberItIsInvalid(text: String) {
    #expect(reading.read(text, for: nil).value == nil)
  }

  @Test func aMinusBehindADigitTakesAway() {
    #expect(reading.read("5-3", for: nil).flexible == "3")
    #expect(reading.read("(5)-3", for: nil).flexible == "3")
  }

  @Test(arguments: [
    ("28", "28.00", true), ("65960", "65,960", true), ("$5", "5", true), ("29/3", "58/6", true),
    ("0.5", "1/2", true), ("5", "6", false), ("-5", "5", false), ("5 days", "5", false),
  ])
  func numbersAreComparedByValue(left: String, right: String, isEqual: Bool) {
    #expect(Normalization.equal(left, right) == isEqual)
  }
}

@Suite struct OtherReadingTests {
  private func record(_ choices: JSON, label: String? = nil) -> Record {
    Record(id: "1", fields: JSONObject([("choices", choices)]), label: label)
  }

  @Test(arguments: [
    ("B", "B"), ("(B)", "B"), ("b)", "B"), ("B. pond", "B"), ("The answer is (B).", "B"),
    ("The answer is B) pond.", "B"), ("So the answer is **B**.", "B"), ("\\boxed{B}", "B"),
    ("A beaver lives in a pond.", "B"), ("Answer: pond", "B"), ("The answer is (b)", "B"),
    ("A is wrong, so (C) it is: (C)", "C"),
    ("A) zoo - no.\nB) pond - yes.\n\nSo beavers build in:\n\nB) pond", "B"),
    ("A) zoo - no.\nB) pond - This is the correct answer.", "B"),
    ("The answer must be where a zoo is not. So the answer is (b) pond.", "B"),
    ("So the answer is (c) Oak D.C.", "C"), ("It is either (c) oak or (b) pond.", "C"),
    ("Both (A) and (C) fit. If I must choose, B) pond is best.", "B"),
  ])
  func readsAChoice(text: String, label: String) throws {
    let reading = try Reading(as: "choice")
    let answer = reading.read(text, for: record(["zoo", "pond", "oak tree", "tree"]))
    #expect(answer.value == label)
  }

  @Test(arguments: [
    "The answer is probably (A), (B), (C), or (D).", "", "The answer cannot be determined.",
    "Answer: either zoo or pond",
  ])
  func aHedgeIsNoChoice(text: String) throws {
    let reading = try Reading(as: "choice")
    let answer = reading.read(text, for: record(["zoo", "pond", "oak tree", "tree"]))
    #expect(answer.strict == nil)
  }

  @Test(arguments: [
    "The answer is:\nA) zoo\nC) oak tree", "A) zoo - no.\nB) pond - perhaps.",
    "Probably (A), (B), (C), or (D).", "Let d = 4 and\nD = 5",
  ])
  func severalChoicesOrAListAreNone(text: String) throws {
    let reading = try Reading(as: "choice")
    let answer = reading.read(text, for: record(["zoo", "pond", "oak tree", "tree"]))
    #expect(answer.value == nil)
  }

  @Test func ofTwoChoicesWithOneTextTheFirstIsRight() throws {
    let reading = try Reading(as: "choice")
    #expect(reading.expected(record(["pond", "zoo", "pond"], label: "pond")) == "A")
    #expect(reading.expected(record(["pond", "zoo", "pond"], label: "C")) == "C")
  }

  @Test(arguments: [
    ("Entailment", "entailment"), ("It is entailed by the premise.", "entailment"),
    ("Yes, because it says so.", "entailment"), ("The answer is **True**.", "entailment"),
    ("The premise contradicts it.", "contradiction"), ("No.", "contradiction"),
    ("It cannot be determined", "neutral"), ("It is not possible to tell.", "neutral"),
    ("The answer: n", "neutral"), ("neither entails nor contradicts", "neutral"),
  ])
  func relationsAreFoundInTheirSpellings(text: String, relation: String) throws {
    #expect(try relations().read(text, for: nil).value == relation)
  }

  @Test(arguments: [
    "It is not entailed.", "It doesn't contradict it", "yes and no", "True or false?",
  ])
  func whatIsDeniedOrOpenIsNoRelation(text: String) throws {
    #expect(try relations().read(text, for: nil).value == nil)
  }

  private func relations() throws -> Reading {
    try Reading(json: [
      "as": "label",
      "labels": [["name": "entailment"], ["name": "neutral"], ["name": "contradiction"]],
    ])
  }

  @Test func choicesAreFoundInEveryLayout() throws {
    let reading = try Reading(as: "choice")
    let layouts: [JSON] = [
      ["A)zoo", "B)pond"],
      [["label": "A", "text": "zoo"], ["label": "B", "text": "pond"]],
      ["label": ["A", "B"], "text": ["zoo", "pond"]],
    ]
    for layout in layouts {
      #expect(reading.read("It is the pond", for: record(layout)).value == "B")
      #expect(reading.expected(record(layout, label: "pond")) == "B")
      #expect(reading.expected(record(layout, label: "b")) == "B")
    }
    let numbered: JSON = ["label": ["1", "2"], "text": ["zoo", "pond"]]
    #expect(reading.read("The answer is (2)", for: record(numbered)).value == "2")
  }

  @Test func labelsAreFoundByNameAndByWordsThatStandForThem() throws {
    let reading = try Reading(json: [
      "as": "label",
      "labels": [
        ["name": "entailment", "words": ["true", "yes"]],
        ["name": "neutral", "words": ["neither"]],
        ["name": "contradiction", "words": ["false", "no", "not entailment"]],
      ],
    ])
    func value(_ text: String) -> String? { reading.read(text, for: nil).value }
    #expect(value("Entailment") == "entailment")
    #expect(value("So the answer is **True**.\n") == "entailment")
    #expect(value("The answer is contradiction. Next: the answer is neutral.") == "contradiction")
    #expect(value("It is not entailment") == "contradiction")
    #expect(value("nothing of the kind") == nil)
    #expect(reading.expected(Record(id: "1", fields: JSONObject(), label: "no")) == "contradiction")
    #expect(reading.equal("Neutral", "neutral"))
  }

  @Test func jsonIsFoundWholeFencedOrInText() throws {
    let reading = try Reading(json: ["as": "json", "path": "[-1].summary"])
    let value = #"[{"summary": "one"}, {"summary": "two [ {"}]"#
    for text in [value, "```json\n\(value)\n```", "Here {it} is: \(value) Done."] {
      #expect(reading.read(text, for: nil).value == "two [ {")
    }
    #expect(reading.read("Here: \(value)", for: nil).strict == nil)
    #expect(reading.read("[1, 2", for: nil).value == nil)
    #expect(
      try Reading(as: "json").read(#"{"b": 1.0, "a": []}"#, for: nil).value == #"{"a":[],"b":1.0}"#
    )
  }

  @Test(arguments: [
    #"[{"Denser_Summary": "one"}, {"Denser_Summary": "two",},]"#,
    #"[{"Denser_Summary": "one"} {"denser summary": "two"}]"#,
    #"[{"Denser_Summary": "one"}, {"Denser_Sumary": "two"}, {"Denser_Summary": null}]"#,
    "Here:\n```json\n[{'Denser_Summary': 'one'}, {'Denser_Summary': 'two'}]\n```\nDone.",
    #"{"summaries": [{"Denser_Summary": "one"}, {"Denser_Summary": "two"}]}"#,
    "{\"Denser_Summary\": \"one\"}\n{\"Denser_Summary\": \"two\"}",
    #"{"Missing": None, "Denser_Summary": "two"}"#,
  ])
  func damagedJSONIsMended(text: String) throws {
    let reading = try Reading(json: ["as": "json", "path": "[-1].Denser_Summary"])
    let answer = reading.read(text, for: nil)
    #expect(answer.strict == nil)
    #expect(answer.value == "two")
  }

  @Test func textsInJSONAreMended() throws {
    let reading = try Reading(json: ["as": "json", "path": "a"])
    func read(_ text: String) -> String? { reading.read(text, for: nil).value }
    #expect(read(#"{"a": "he said "no", then left"}"#) == #"he said "no", then left"#)
    #expect(read("{\"a\": \"one\ntwo\"}") == "one\ntwo")
    #expect(read(#"{"a": "Bo\'s \_x\u00e9"}"#) == #"Bo's \_xé"#)
    #expect(read(#"{"b": 1}"#) == nil)
    #expect(read(#"{"a": "never ends"#) == nil)
  }

  @Test func textAndPatterns() throws {
    let text = try Reading(as: "text")
    #expect(text.read("  as it is \n", for: nil).value == "as it is")
    #expect(text.read(" \n", for: nil).value == nil)
    let first = try Reading(json: ["as": "regex", "pattern": #"#### (-?\d+)"#])
    #expect(first.read("#### 5 #### 6", for: nil).value == "5")
    let last = try Reading(json: ["as": "regex", "pattern": #"\d+"#, "match": "last"])
    #expect(last.read("5 6", for: nil).value == "6")
    #expect(last.read("none", for: nil).value == nil)
  }

  @Test func aReadingComesBackFromItsJSON() throws {
    let all: [JSON] = [
      ["as": "number"], ["as": "text"], ["as": "choice", "choices": "options"],
      ["as": "json", "path": "a[0].b"], ["as": "json"],
      ["as": "regex", "pattern": "x(y)", "match": "last"],
      ["as": "label", "labels": [["name": "a", "words": ["b"]]]],
      ["as": "rating", "range": [1.5, 7.5]],
    ]
    for json in all { #expect(try Reading(json: json).json == json) }
    #expect(Set(all.compactMap { $0["as"]?.string }) == Set(Reading.ownForms))
    for form in Reading.harnessForms {
      #expect(try Reading(as: form).json == ["as": .string(form)])
    }
  }

  @Test func whatAReadingLacksIsSaid() {
    #expect(problems { _ = try Reading(as: "numbr") } == ["unknown reading 'numbr'"])
    #expect(problems { _ = try Reading(as: "label") } == ["the reading 'label' must have 'labels'"])
    #expect(
      problems { _ = try Reading(as: "regex") } == ["the reading 'regex' must have a 'pattern'"]
    )
    #expect(
      problems { _ = try Reading(json: ["as": "regex", "pattern": "("]) }.first?
        .hasPrefix("the pattern '(' is no regular expression") == true
    )
  }
}

@Suite struct MajorityVoteTests {
  private func vote(_ values: [String?], minVotes: Int = 1) -> MajorityVote.Vote {
    MajorityVote(minVotes: minVotes).decide(values, equal: Normalization.equal)
  }

  @Test func theMostFrequentAnswerWins() {
    let vote = vote(["5", "6", "5.0", nil])
    #expect(vote.value == "5")
    #expect(vote.votes == 2)
    #expect(vote.valid == 3)
    #expect(!vote.isTie)
  }

  @Test func tiesAndTooFewVotesAreInvalid() {
    #expect(vote(["5", "6"]).value == nil)
    #expect(vote(["5", "6"]).isTie)
    #expect(vote(["5", "5", "6"], minVotes: 3).value == nil)
    #expect(vote(["5", "5", "5"], minVotes: 3).value == "5")
    #expect(vote([nil, nil]).value == nil)
    #expect(!vote([nil, nil]).isTie)
  }
}
