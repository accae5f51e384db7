import ArgumentParser
import Primitives
import Store

/// Removes what nobody needs, and runs that their user no longer wants.
struct CacheCollect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "List what nothing needs, and runs to drop; remove them with --apply.",
    discussion: """
      Without further words: the objects that no result, run, call or pin names. --run, --older-than, \
      --keep-runs and --max-size drop runs with the results that only they need; of --older-than and \
      --keep-runs both must hold. Runs that are going on or pinned stay, and so does what a --lock file \
      names. Answers of models stay, too, unless --answers is given: then those go that only dropped \
      runs had paid for, and --give-up must agree to what they had cost. It needs the cache for itself; \
      who opens it meanwhile waits.
      """
  )

  @Flag(name: [.customLong("apply"), .customLong("delete")], help: "Remove them.")
  var apply = false

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("Drop a run: its id, the start of it, or 'last'.", valueName: "run")
  )
  var runs: [String] = []

  @Option(help: ArgumentHelp("Drop runs that ended longer ago: 30d, 12h.", valueName: "time"))
  var olderThan: Span?

  @Option(help: ArgumentHelp("Drop all but the newest runs.", valueName: "number"))
  var keepRuns: Int?

  @Option(
    help: ArgumentHelp("Drop the oldest runs until the objects fit: 10GB.", valueName: "size")
  )
  var maxSize: ByteCount?

  @Option(
    help: ArgumentHelp("Keep what the file names by SHA-256.", valueName: "file"),
    completion: .file()
  )
  var lock: [String] = []

  @Option(
    help: ArgumentHelp("Keep objects that are younger; 1h where not given.", valueName: "time")
  )
  var grace: Span?

  @Flag(help: "Also take answers that only the dropped runs had paid for.")
  var answers = false

  @Option(help: ArgumentHelp("The most that the answers taken may have cost.", valueName: "usd"))
  var giveUp: Double?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let keepRuns, keepRuns < 0 { throw ValidationError("--keep-runs takes a number from 0") }
    if giveUp != nil, !answers { throw ValidationError("--give-up goes with --answers") }
  }

  func run() async throws {
    try await StoreCommand.with(common, mode: .existing) { store in
      let report = try await store.gc(try await selection(store), dryRun: !apply)
      if common.json { return Terminal.output(GCText.json(report)) }
      for line in GCText.lines(report, takesAnswers: answers) { Terminal.output(line) }
    }
  }

  private func selection(_ store: Store) async throws -> GCSelection {
    var selection = GCSelection()
    selection.olderThan = olderThan?.seconds
    selection.keepRuns = keepRuns
    selection.maxSize = maxSize?.bytes
    selection.takesAnswers = answers
    selection.giveUp = giveUp.map(Money.init(usd:))
    if let grace { selection.minimumAge = grace.seconds }
    for run in runs { selection.runs.append(try await store.runs.find(run).id) }
    for file in lock {
      selection.roots.formUnion(
        try await StoredDigests.inFile(at: StoreLocation.absolute(file))
      )
    }
    return selection
  }
}

/// What a collection took, or would take, in words and as JSON.
enum GCText {
  static func lines(_ report: GCReport, takesAnswers: Bool) -> [String] {
    let done = report.removed ? "removed" : "could be removed (--apply does it)"
    var lines = report.runs.map { run in
      "run \(run.id)  \(ForeignText.line(run.workflow))  \(done)"
    }
    lines += report.keptRuns.map { "run \($0.id) stays: \($0.reason)" }
    if report.results > 0 { lines.append("\(Amounts.count(report.results, "result")): \(done)") }
    lines.append(
      "\(report.removable.count) objects, \(SizeText.of(report.bytes)): \(done); "
        + "\(report.keptObjects) stay, \(SizeText.of(report.keptBytes))"
    )
    if report.youngObjects > 0 {
      lines.append("\(Amounts.count(report.youngObjects, "object")) named by nothing: too young")
    }
    if takesAnswers { lines.append(answers(report.answers, done)) }
    if !report.gitRefs.isEmpty {
      lines.append("git references of these runs, to be deleted with 'git update-ref -d':")
      lines += report.gitRefs.map { "  \($0)" }
    }
    return lines
  }

  private static func answers(_ answers: LostAnswers, _ done: String) -> String {
    let unpriced =
      answers.unpriced > 0 ? ", and \(Amounts.count(answers.unpriced)) of unknown cost" : ""
    return
      "\(Amounts.count(answers.count, "answer")) that had cost \(answers.cost)\(unpriced): \(done)"
  }

  static func json(_ report: GCReport) -> JSON {
    [
      "type": "gc", "version": 1, "deleted": .bool(report.removed),
      "objects": JSON(report.removable.count), "bytes": JSON(report.bytes),
      "kept_objects": JSON(report.keptObjects), "kept_bytes": JSON(report.keptBytes),
      "young_objects": JSON(report.youngObjects), "results": JSON(report.results),
      "runs": .array(report.runs.map { .string($0.id) }),
      "kept_runs": .array(
        report.keptRuns.map { ["run": .string($0.id), "reason": .string($0.reason)] }
      ),
      "answers": VerifyText.json(report.answers),
      "git_refs": .array(report.gitRefs.map(JSON.string)),
    ]
  }
}
