/// One thing that `verify` found wrong.
package struct VerifyProblem: Hashable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// An object's bytes have another digest.
    case damagedObject = "damaged-object"
    /// A result names an object that is not there: it will be made again.
    case missingOutput = "missing-output"
    /// A result whose preimage is not what its key and kind say.
    case wrongPreimage = "wrong-preimage"
    /// A call's answer or request is an object that is not there.
    case missingAnswer = "missing-answer"
    /// An answer is not what was sealed.
    case damagedAnswer = "damaged-answer"
    /// A row that contradicts the others: it names what is not there, or nothing that is known.
    case damagedRow = "damaged-row"
    /// The totals of an account are not the sum over its rows.
    case wrongAccount = "wrong-account"
    /// A file in `objects` or `runs` that the store did not put there.
    case foreignFile = "foreign-file"
    /// A run's record or events do not read, or are gone.
    case damagedRun = "damaged-run"
    /// A run's record lies there, and the list of runs does not have it.
    case unlistedRun = "unlisted-run"
    case damagedDatabase = "damaged-database"
    /// The log of a database has a hole: SQLite would forget what was committed behind it.
    case damagedLog = "damaged-log"
    /// `distill.json` does not read.
    case damagedMarker = "damaged-marker"
    /// The list of pins has a line that is none.
    case damagedPins = "damaged-pins"
    /// A repair was killed before its end.
    case unfinishedRepair = "unfinished-repair"
  }

  package let kind: Kind
  /// The file or database, and what of it.
  package let place: String
  /// What was found.
  package let what: String
  /// What to do about it.
  package let hint: String

  /// What it means for whoever uses the store.
  package var meaning: String { kind.meaning }
}

extension VerifyProblem.Kind {
  var meaning: String {
    switch self {
    case .damagedObject: "it is never used; what needs it says so and stops"
    case .missingOutput, .wrongPreimage: "the result does not count; its node runs again"
    case .missingAnswer, .damagedAnswer:
      "the answer is not served; asking for it again costs its price again"
    case .damagedRow: "the ledger contradicts itself there; what is whole is served all the same"
    case .wrongAccount: "budgets are held to a wrong total"
    case .foreignFile: "nothing: the store never reads it"
    case .damagedRun: "the run can not be shown in full; results and answers are not touched"
    case .unlistedRun: "'distill runs' does not show it"
    case .damagedDatabase, .damagedLog: "what it holds may be missing or refused"
    case .damagedMarker: "the store can not be opened"
    case .damagedPins: "nothing is collected: what it pinned might go"
    case .unfinishedRepair: "the store can not be opened for writing until it is finished"
    }
  }

  var hint: String {
    switch self {
    case .damagedObject:
      "'distill cache verify --repair' moves it away; 'distill run' makes it again"
    case .missingOutput, .wrongPreimage: "'distill run' makes it again"
    case .missingAnswer, .damagedAnswer:
      "restore it from a backup; else 'distill cache verify --repair' frees the call to be asked again"
    case .foreignFile: "move it away, or let 'distill cache verify --repair' do it"
    case .damagedRow, .wrongAccount, .damagedRun, .unlistedRun, .damagedDatabase, .damagedLog,
      .damagedMarker, .damagedPins:
      "restore it from a backup; else 'distill cache verify --repair' saves what can be read"
    case .unfinishedRepair: "run 'distill cache verify --repair' again: it goes on"
    }
  }
}
