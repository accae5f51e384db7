import Primitives
import Tasks
import Testing

@Suite struct RecogniserTests {
  private func entities(_ text: String) -> [String] {
    BuiltInRecogniser().recognise(text).entities
  }

  @Test(arguments: [
    ("Paul Stein met Ada O'Neill's aunt.", ["Paul Stein", "Ada O'Neill"]),
    ("The match was on 7 December 2014 in Hull.", ["7 December 2014", "Hull"]),
    ("It opened on March 29, 2004, a Monday.", ["March 29, 2004", "Monday"]),
    ("Sales grew 4.5 percent to $6 billion in the 1990s.", ["4.5 percent", "$6 billion", "1990s"]),
    (
      "The University of Lund and the Bank of Spain agreed.",
      ["University of Lund", "Bank of Spain"]
    ),
    ("Three of them won 2-1 and two lost.", ["Three", "2-1", "two"]),
    ("NATO met. U.S. officials came.", ["NATO", "U.S."]),
    ("Mr. Lowe spoke. Then J. Hart did.", ["Lowe", "J. Hart"]),
    ("Paris is large. However, it rains.", ["Paris"]),
    ("Researchers found a way. They left.", []),
    ("Konig left. I saw Konig.", ["Konig", "Konig"]),
    ("Wanderers left early.", []),
    ("She uses an iPhone.", ["iPhone"]),
    ("", []),
  ])
  func findsDatesNumbersAndNames(text: String, found: [String]) {
    #expect(entities(text) == found)
  }

  @Test(arguments: [
    ("The cat's 33-year-old owner won't pay $1,450.", 11), ("", 0), ("U.S. law.", 3),
    ("\"Yes,\" he said.", 7),
  ])
  func countsTokensAsATreebankDoes(text: String, tokens: Int) {
    #expect(BuiltInRecogniser().recognise(text).tokens == tokens)
  }

  /// A changed rule under an unchanged version would change scores unseen.
  @Test func theRulesArePinned() async throws {
    let recogniser = BuiltInRecogniser()
    #expect(recogniser.identity == "built-in/1")
    let text = """
      Lena Brandt of the Institute for Rivers told Reuters on Friday, 3 May 2019, that 12 of the \
      Elbe's 40 dams are unsafe. Hamburg's mayor, Dr. Otto Lang, said two more would cost £2.5m.
      """
    let found = try await recogniser.recognise([text, ""])
    #expect(
      found[0].entities == [
        "Lena Brandt", "Institute", "Rivers", "Reuters", "Friday", "3 May 2019", "12", "Elbe", "40",
        "Hamburg", "Otto Lang", "two", "£2.5m",
      ]
    )
    #expect(found[0].tokens == 44)
    #expect(found[1] == RecognisedText(entities: [], tokens: 0))
  }

  @Test func longTextsTakeNoSquare() {
    for piece in ["Aa ", "Of ", "of Aa ", "1,", "A.", "'s", "\u{0301}", "$ "] {
      let text = String(repeating: piece, count: 400_000 / piece.utf8.count)
      #expect(BuiltInRecogniser().recognise(text).tokens > 0)
    }
  }
}

@Suite struct EntityDensityTests {
  private func counts(_ summary: [String], _ document: [String], tokens: Int = 10) -> EntityCounts {
    EntityCounts(
      summary: RecognisedText(entities: summary, tokens: tokens),
      document: RecognisedText(entities: document, tokens: 100)
    )
  }

  @Test func entitiesAreSharedByTheirWords() {
    let counts = counts(
      ["Lang's", "the Elbe", "Otto Lang", "Otto Lang", "Weser", "HAMBURG"],
      ["Otto Lang", "Elbe", "Hamburg"]
    )
    #expect(counts == EntityCounts(shared: 4, distinct: 5, tokens: 10))
    #expect(counts.density == 0.4)
    #expect(EntityCounts(shared: 0, distinct: 0, tokens: 0).density == nil)
  }

  private func row(_ counts: EntityCounts?) -> RowResult {
    RowResult(
      id: "1",
      state: .unlabelled,
      expected: nil,
      got: "x",
      words: 1,
      promptTokens: nil,
      completionTokens: nil
    ).withEntities(counts)
  }

  @Test func densityIsAveragedOverDocuments() throws {
    var metric = EntityDensity()
    for row in [
      row(EntityCounts(shared: 2, distinct: 3, tokens: 10)),
      row(EntityCounts(shared: 8, distinct: 8, tokens: 20)), row(nil),
    ] { metric.add(row) }
    let summary = metric.result()
    #expect(summary.n == 3)
    #expect(summary.invalid == 1)
    #expect(abs(try #require(summary["all"]).value - 0.2) < 1e-12)
    #expect(abs(try #require(summary["parsed"]).value - 0.3) < 1e-12)
  }

  @Test func aRowKeepsItsCounts() {
    let row = row(EntityCounts(shared: 2, distinct: 3, tokens: 10)).withAgreement(true)
    #expect(RowResult(json: row.json) == row)
    #expect(row.json["shared_entities"] == 2)
  }

  @Test func densitiesArePaired() throws {
    let pairs = (1...20).map { number in
      (
        first: row(EntityCounts(shared: number, distinct: 20, tokens: 40)),
        second: row(EntityCounts(shared: number + 4, distinct: 30, tokens: 40))
      )
    }
    let figure = try #require(PairedDifference.of("entity_density.all", pairs))
    #expect(abs(figure.difference.value - 0.1) < 1e-12)
    #expect(figure.mcNemar == nil)
  }
}

@Suite struct RecogniserProtocolTests {
  private func lines(_ texts: [String], _ lines: [String], first: Int = 0) throws
    -> [RecognisedText]
  {
    var collector = RecogniserProtocol.Collector(texts: texts, first: first)
    for line in lines { try collector.add(line: Array(line.utf8)) }
    return try collector.finish()
  }

  @Test func answersComeInAnyOrderAndForm() throws {
    let request = RecogniserProtocol.request(id: 3, text: "a\n\"b\"")
    #expect(String(decoding: request, as: UTF8.self) == #"{"id":3,"text":"a\n\"b\""}"# + "\n")
    let found = try lines(
      ["Ada ran.", "Bo"],
      [
        #"{"id": 8, "entities": [{"text": "Bo", "label": "X"}], "tokens": 1}"#, "\r",
        #"{"id": 7, "entities": ["Ada"]}"#,
      ],
      first: 7
    )
    #expect(found[0] == RecognisedText(entities: ["Ada"], tokens: 3))
    #expect(found[1] == RecognisedText(entities: ["Bo"], tokens: 1))
  }

  @Test(arguments: [
    ("x", "the recogniser wrote a line that is no JSON"),
    (#"{"entities": []}"#, "the recogniser wrote a line without the 'id'"),
    (#"{"id": 1, "entities": []}"#, "the recogniser wrote a line without the 'id'"),
    (#"{"id": 0}"#, "the recogniser wrote an answer without 'entities'"),
    (#"{"id": 0, "entities": [1]}"#, "the recogniser wrote an entity that is neither"),
    (#"{"id": 0, "entities": [], "tokens": -1}"#, "the recogniser wrote 'tokens'"),
    (#"{"id": 0, "error": "too long"}"#, "the recogniser could not read text 0: too long"),
    ("", "the recogniser left 1 of 1 texts without an answer, the first with the id 0"),
  ])
  func whatAProgramDoesWrongIsSaid(line: String, message: String) {
    let found = problems { _ = try lines(["a"], [line]) }
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix(message) == true)
  }

  @Test func nothingIsAnsweredTwice() {
    let line = #"{"id": 0, "entities": []}"#
    #expect(
      problems { _ = try lines(["a"], [line, line]) }.first?
        .hasPrefix("the recogniser answered text 0 twice") == true
    )
  }
}
