import Primitives
import Tasks
import Testing

@Suite struct RatingReadingTests {
  private let reading: Reading

  init() throws { reading = try Reading(as: "rating") }

  @Test(arguments: [
    ("4", "4"), ("4.", "4"), ("4/5", "4"), ("4 out of 5", "4"), ("3.5", "3.5"), ("Rating: 4", "4"),
    ("**Rating:** 4/5", "4"), ("Overall score: 2 out of 5.", "2"), ("[[3]]", "3"),
    ("A rating of 5 would be too much. Rating: [[4]]", "4"), ("<rating>2</rating>", "2"),
    (#"{"reason": "2 errors", "rating": 3}"#, "3"), ("5\n\nIt names 3 sources.", "5"),
    ("On a scale of 1 to 5 my rating is 4.", "4"), ("Rating:\n4", "4"),
    ("I would say 4 stars", "4"),
    ("Rating: 2. On reflection, final rating: 3", "3"), ("Score 1-5: 4", "4"),
  ])
  func readsARating(text: String, rating: String) {
    #expect(reading.read(text, for: nil).value == rating)
  }

  @Test(arguments: [
    "", "good", "Rating: 7", "Rating: 8/10", "Rating: 4 or 5", "between 2 and 4", "[[0]] then 3",
    "Rating: -2",
  ])
  func whatIsNoRatingIsInvalid(text: String) {
    #expect(reading.read(text, for: nil).value == nil)
  }

  @Test func theRangeIsTheTemplatesOrTheJudges() throws {
    let ten = try Reading(json: ["as": "rating", "range": [1, 10]])
    #expect(ten.read("Rating: 7", for: nil).value == "7")
    #expect(ten.read("Rating: 7/10", for: nil).value == "7")
    #expect(reading.withRange(0, 10).read("0", for: nil).value == "0")
    #expect(try Reading(json: ten.json) == ten)
    #expect(
      problems { _ = try Reading(json: ["as": "rating", "range": [5, 1]]) }
        == ["the reading 'rating' wants as 'range' the lowest and the highest rating; found [5,1]"]
    )
  }
}

@Suite struct RatingsTests {
  private func summary(_ ratings: [(Double?, String)]) -> MetricSummary {
    var all = Ratings()
    for (rating, cluster) in ratings { all.add(rating, cluster: cluster) }
    return all.result()
  }

  @Test func meanMedianAndWhatIsMissing() throws {
    let summary = summary([(1, "a"), (2, "a"), (4, "b"), (5, "c"), (nil, "c")])
    #expect(summary["mean"]?.value == 3)
    #expect(summary["median"]?.value == 3)
    #expect(summary.n == 5)
    #expect(summary.invalid == 1)
    #expect(summary.figures.map(\.name) == Ratings.figures)
    #expect(MetricSummary(json: summary.json) == summary)
  }

  @Test func withoutARatingThereIsNoFigure() {
    #expect(summary([(nil, "a")]).figures.isEmpty)
    #expect(summary([]).n == 0)
  }

  /// Ten conversations of ten like turns say no more than ten turns: the interval is as wide.
  @Test func intervalsComeFromConversations() throws {
    let values = [1.0, 5, 2, 4, 3, 3, 1, 5, 2, 4]
    let single = summary(values.enumerated().map { ($1, "\($0)") })
    let repeated = summary(
      values.enumerated().flatMap { index, value in (0..<10).map { _ in (value, "\(index)") } }
    )
    let loose = summary(
      values.enumerated().flatMap { index, value in (0..<10).map { (value, "\(index)-\($0)") } }
    )
    #expect(single["mean"] == repeated["mean"])
    #expect(single["median"]?.low == repeated["median"]?.low)
    let wide = try #require(repeated["mean"])
    let narrow = try #require(loose["mean"])
    #expect(narrow.high - narrow.low < 0.5 * (wide.high - wide.low))
    // Sampling theory: 1.96 standard errors of ten draws with a deviation of 1.414.
    #expect(abs((wide.high - wide.low) / 2 - 1.96 * 1.414 / 10.0.squareRoot()) < 0.15)
  }

  @Test func ratedRowsComeBackFromTheirJSON() {
    let row = RatedRow(id: "7", ratings: [4, nil, 2.5])
    #expect(RatedRow(json: row.json) == row)
    #expect(RatedRow(json: ["id": "7", "ratings": ["4"]]) == nil)
    #expect(RatedRow(json: ["id": "7", "ratings": [4], "raw": "x"])?.ratings == [4])
  }

  @Test func ratingsArePairedByTurn() throws {
    let pairs = (0..<20).map { number in
      (
        first: RatedRow(id: "\(number)", ratings: [Double(number % 5), 3, nil]),
        second: RatedRow(id: "\(number)", ratings: [Double(number % 5) + 1, nil, 2])
      )
    }
    let figure = try #require(PairedDifference.ofRatings(pairs))
    #expect(figure.name == "judge.mean")
    #expect(figure.n == 20)
    #expect(figure.difference == Figure(value: 1, low: 1, high: 1))
    #expect(figure.first == 2)
    #expect(PairedDifference.ofRatings([]) == nil)
  }
}
