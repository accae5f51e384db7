import Execution
import ModelService
import Primitives
import Store
import Tasks
import Workflow

/// The templates that a judge asks with: each rates everything.
struct JudgePanel: Sendable {
  struct Member: Sendable {
    /// The name of the template's instance.
    let template: String
    let questions: Questionnaire
    let reading: Reading
  }

  let members: [Member]
  let range: ClosedRange<Double>

  init(_ inputs: Inputs, _ services: Services, rows: JudgedRows) async throws {
    let objects = services.objects
    let range = Judge.range(inputs.settings)
    let decoding = try await Questionnaire.decoding(inputs, objects)
    var members: [Member] = []
    for template in inputs.all("template") {
      let reading = try await objects.read(template.artifact.require(Part.reading))
      members.append(
        Member(
          template: template.instance.text,
          questions: try await Questionnaire(
            inputs,
            services,
            template: template.artifact,
            decoding: decoding,
            source: rows
          ),
          reading: Self.reading(try Reading(json: JSON(parsing: reading)), range)
        )
      )
    }
    self.members = members
    self.range = range
  }

  /// A template that asks for a number means a rating here, with the range of the judge.
  private static func reading(_ reading: Reading, _ range: ClosedRange<Double>) -> Reading {
    guard ["number", "rating"].contains(reading.name) else { return reading }
    return (try? Reading(as: "rating"))?.withRange(range.lowerBound, range.upperBound) ?? reading
  }

  /// What all members said of some turns, all of which have a record.
  func judgements(
    of turns: [Record],
    _ service: CallService
  ) async throws -> [[Judgement]] {
    var judgements = [[Judgement]](repeating: [], count: turns.count)
    for member in members {
      let answers = try await member.questions.completions(of: turns, service)
      for (index, rows) in answers.enumerated() {
        judgements[index] += rows.map { row in
          Judgement(
            template: member.template,
            answer: row,
            rating: rating(in: row, by: member, for: turns[index])
          )
        }
      }
    }
    return judgements
  }

  /// The number that a judge's answer gives; nil where it gives none, several that might be meant, or
  /// one outside the range.
  private func rating(in row: CompletionRow, by member: Member, for turn: Record) -> Double? {
    guard row.state == .answered else { return nil }
    let answer = member.reading.read(row.text, for: turn)
    // Which of several unmarked numbers is the rating is a guess, and a guess is no rating.
    let found = member.reading.name == "rating" ? answer.strict : answer.value
    guard let number = found.flatMap(Double.init), range.contains(number) else { return nil }
    return number
  }

  /// What the judgements of a turn come to: the mean of the templates', each the mean of its samples
  /// that rate; no rating unless every template has one, since the templates do not rate alike.
  func result(_ judgements: [Judgement]) -> JudgedResult {
    var means: [Double] = []
    for member in members {
      let ratings = judgements.filter { $0.template == member.template }.compactMap(\.rating)
      guard !ratings.isEmpty else { return JudgedResult(judgements: judgements) }
      means.append(ratings.reduce(0, +) / Double(ratings.count))
    }
    return JudgedResult(
      judgements: judgements,
      rating: means.reduce(0, +) / Double(means.count)
    )
  }
}

/// What the judges said of one turn, and the rating made of it.
struct JudgedResult: Sendable {
  var judgements: [Judgement] = []
  var rating: Double?
}

/// One answer of a judge's.
struct Judgement: Sendable {
  let template: String
  let answer: CompletionRow
  let rating: Double?

  var json: JSON {
    var object = JSONObject([("template", .string(template))])
    if answer.sample > 0 { object["sample"] = JSON(answer.sample) }
    object["state"] = .string(answer.state.rawValue)
    object["text"] = .string(answer.text)
    object["rating"] = rating.map(JSON.number) ?? .null
    return .object(object)
  }
}
