import Foundation
import Primitives

/// The trials of a search for people, one a line: the figure with its interval, the point, the tokens.
enum TrialsText {
  /// `* accuracy.all 0.8500 [0.7500, 0.9500]  math/cot  temperature 0.3, top_p 1  1,204 tokens`.
  ///
  /// The star stands before the trial that was chosen.
  static func lines(_ trials: [JSON]) -> [String] {
    trials.map { trial in
      let figure = ["value", "low", "high"].map { number(trial[$0]) }
      let tokens = trial["completion_tokens"]?.int.map { Amounts.count($0, "token") }
      return [
        (trial["chosen"]?.bool ?? false) ? "*" : " ",
        "\(ForeignText.line(trial["metric"]?.string ?? "")) \(figure[0]) [\(figure[1]), \(figure[2])]",
        ForeignText.line(trial["template"]?.string ?? ""), point(trial["decoding"]),
        tokens ?? "tokens not counted",
      ].joined(separator: "  ")
    }
  }

  private static func point(_ decoding: JSON?) -> String {
    (decoding?.object?.members ?? []).map { member in
      "\(ForeignText.line(member.key)) \(ForeignText.line(member.value.compactText))"
    }.joined(separator: ", ")
  }

  private static func number(_ json: JSON?) -> String {
    json?.number.map { String(format: "%.4f", $0) } ?? "–"
  }
}
