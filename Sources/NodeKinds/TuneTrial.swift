import Execution
import ModelService
import Primitives
import Store
import Tasks
import Workflow

/// One trial of a search: a template and a point of decoding parameters.
struct TuneTrial: Sendable {
  let template: Artifact
  let templateName: String
  let decoding: DecodingParameters

  /// Equal for trials that would make the same calls and read them alike.
  var identity: [UInt8] {
    let parts = template.parts.map { $0.object.digest.hex }.joined(separator: ",")
    return decoding.json.canonical + Array(parts.utf8)
  }

  /// The trials of an instance: every point with every template, templates outermost, each once.
  static func all(_ inputs: Inputs) -> [TuneTrial] {
    let points = TrialPoints.all(inputs.settings).map(TrialPoints.effective)
    var seen: Set<[UInt8]> = []
    return inputs.all("template").flatMap { template in
      points.compactMap { point in
        guard let decoding = try? DecodingParameters(json: .object(point)) else {
          preconditionFailure("BUG: the checker let a point through that is none")
        }
        let trial = TuneTrial(
          template: template.artifact,
          templateName: template.instance.text,
          decoding: decoding
        )
        return seen.insert(trial.identity).inserted ? trial : nil
      }
    }
  }
}

/// What a trial came to.
struct ScoredTrial: Sendable {
  let trial: TuneTrial
  let scores: ScoreSummary

  /// Whether this trial is to be chosen before another.
  ///
  /// The better figure wins, and any before none; between equals fewer completion tokens; then the
  /// earlier, which the caller sees to.
  func isBetter(than other: ScoredTrial, _ goal: TuneGoal) -> Bool {
    let mine = goal.worth(scores)
    let theirs = goal.worth(other.scores)
    if mine != theirs { return mine > theirs }
    // A count that is not known is no saving.
    return scores.completionTokens ?? .max < other.scores.completionTokens ?? .max
  }

  func json(_ goal: TuneGoal, isChosen: Bool) -> JSON {
    var object = JSONObject([
      ("template", .string(trial.templateName)), ("decoding", trial.decoding.json),
      ("metric", .string(goal.metric)), ("direction", .string(goal.direction.rawValue)),
      ("chosen", .bool(isChosen)),
      ("completion_tokens", scores.completionTokens.map { JSON($0) } ?? .null),
      ("scores", scores.json),
    ])
    if let figure = scores.figure(goal.metric) {
      object["value"] = .number(figure.value)
      object["low"] = .number(figure.low)
      object["high"] = .number(figure.high)
    }
    return .object(object)
  }
}
