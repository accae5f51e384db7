import Primitives
import Tasks
import TestSupport
import Testing

/// The number reading against recorded verdicts; docs/agreement.md says who is right where.
@Suite(.enabled(if: SharedData.path != nil, "skipped: the shared data is not on this machine"))
struct AgreementTests {
  struct Log: CustomTestStringConvertible, Sendable {
    let file: String
    let answers: Int
    /// The answers whose verdict differs, by their number in the log.
    let disagreements: [String]
    var testDescription: String { file }
  }

  private func disagreements(_ answers: [JudgedAnswer]) throws -> [String] {
    let reading = try Reading(as: "number")
    return answers.compactMap { answer in
      let record = Record(id: answer.name, fields: JSONObject(), label: answer.gold)
      let result = RowResult.judge(
        record,
        answer: reading.read(answer.text, for: record).value,
        text: answer.text,
        promptTokens: nil,
        completionTokens: nil,
        reading: reading
      )
      return (result.state == .correct) == answer.verdict ? nil : answer.name
    }
  }

  @Test func openAIsVerdictsOnGSM8KAreOurs() throws {
    let answers = try RealData.openAIOnGSM8K()
    #expect(answers.count == 2640)
    #expect(answers.count { $0.verdict } == 1008)
    #expect(try disagreements(answers) == [])
  }

  @Test(arguments: [
    Log(file: "multiarith_zero_shot.first150.log", answers: 150, disagreements: []),
    Log(file: "multiarith_zero_shot_cot.first150.log", answers: 150, disagreements: []),
    Log(
      file: "svamp_zero_shot.first150.log",
      answers: 150,
      disagreements: ["62", "122", "131"]
    ),
    Log(file: "svamp_zero_shot_cot.first150.log", answers: 150, disagreements: ["61", "126"]),
    Log(file: "gsm8k_zero_shot.first200.log", answers: 200, disagreements: []),
    Log(
      file: "gsm8k_zero_shot_cot.first200.log",
      answers: 200,
      disagreements: ["34", "95", "145", "196"]
    ),
  ])
  func kojimasVerdictsAreOursButForThoseExplained(log: Log) throws {
    let answers = try RealData.kojima(log.file)
    #expect(answers.count == log.answers)
    #expect(try disagreements(answers) == log.disagreements)
  }
}
