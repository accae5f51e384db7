import ModelService
import NodeKinds
import Primitives
import Testing

/// The lines of completions and labels, which objects in stores hold.
@Suite struct RowTests {
  @Test(arguments: Answer.State.allCases) func completionsAreReadBack(_ state: Answer.State) throws
  {
    let row = CompletionRow("zwölf", "line\nline \"two\" \u{1F600}", sample: 3, state)
    #expect(try CompletionRow(line: row.json.canonical) == row)
    let without = CompletionRow("a", "", state, tokens: nil)
    #expect(try CompletionRow(line: without.json.canonical) == without)
  }

  @Test(arguments: LabelRow.State.allCases) func labelsAreReadBack(_ state: LabelRow.State) throws {
    let row = LabelRow(
      id: "é",
      state: state,
      label: "7",
      strict: "7",
      flexible: "8",
      votes: 2,
      readable: 3
    )
    #expect(try LabelRow(line: row.json.canonical) == row)
    let none = LabelRow("a", nil, state)
    #expect(try LabelRow(line: none.json.canonical) == none)
  }

  @Test func linesAreWrittenInOneForm() {
    #expect(
      CompletionRow("a", "5").json.canonicalText
        == #"{"completion_tokens":5,"id":"a","prompt_tokens":10,"sample":0,"state":"answered","#
        + #""text":"5"}"#
    )
    #expect(
      LabelRow("a", "5").json.canonicalText
        == #"{"flexible":"5","id":"a","label":"5","readable":1,"state":"valid","strict":null,"#
        + #""votes":1}"#
    )
  }

  /// An answer that is not usable keeps its state's name as a label's.
  @Test func everyStateOfAnAnswerHasItsLabelState() {
    for state in Answer.State.allCases where state != .answered {
      #expect(LabelRow.State(rawValue: state.rawValue) != nil, "\(state)")
    }
  }
}
