import ArgumentParser
import Primitives
import Store

/// Writes a run with all that it needs to one file.
struct CacheExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a run with all that it needs to one archive.",
    discussion: """
      In the archive (POSIX pax) are the run's record, events and logs, its results with their objects \
      and inputs, and the model calls with every answer, so that nothing is bought again where it is \
      imported. Calls in doubt are left out. The same run gives the same bytes.
      """
  )

  @Argument(help: "A run's id, the start of it, or 'last'.")
  var run = "last"

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The archive; distill-run-ID.tar where not given.", valueName: "file"),
    completion: .file(extensions: ["tar"])
  )
  var output: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let id = try await store.runs.find(run).id
      let path = StoreLocation.absolute(output ?? "distill-run-\(id).tar")
      let report = try await store.export(run: id, to: path)
      if common.json {
        var json = ArchiveText.json(report, type: "export").object ?? JSONObject()
        json["path"] = .string(path)
        json["open_calls"] = JSON(report.openCalls)
        return Terminal.output(.object(json))
      }
      Terminal.output("'\(path)': run \(id), \(ArchiveText.contents(report))")
      guard report.openCalls > 0, !common.quiet else { return }
      Terminal.error(
        "\(Amounts.count(report.openCalls, "call")) under way or in doubt: left out; 'distill calls' "
          + "lists them"
      )
    }
  }
}

/// Takes over what an archive holds.
struct CacheImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take over a run from an archive of 'cache export'.",
    discussion: """
      Every digest and seal is checked before anything is taken over. What is in the cache stays and \
      goes on to count; where an answer differs, both are kept. What the answers had cost was spent \
      elsewhere: it counts for the run that they came with, and for no budget here. It needs the \
      cache for itself.
      """
  )

  @Argument(help: "The archive.", completion: .file(extensions: ["tar"]))
  var file: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common, mode: .create) { store in
      let report = try await store.importArchive(StoreLocation.absolute(file))
      guard !common.json else {
        return Terminal.output(ArchiveText.json(report, type: "import"))
      }
      let state = report.isNewRun ? "imported" : "was here before"
      Terminal.output("run \(report.run) \(state); new: \(ArchiveText.news(report))")
      guard report.otherAnswers > 0 else { return }
      Terminal.output(
        "\(Amounts.count(report.otherAnswers, "call")) had another answer here: both are kept, and the "
          + "one that was here goes on to count"
      )
    }
  }
}

/// What an archive holds, in words and as JSON.
private enum ArchiveText {
  static func contents(_ report: ArchiveReport) -> String {
    "\(Amounts.count(report.objects, "object")), \(SizeText.of(report.bytes)), "
      + "\(Amounts.count(report.results, "result")), \(Amounts.count(report.calls, "call")) with "
      + Amounts.count(report.answers, "answer")
  }

  static func news(_ report: ArchiveReport) -> String {
    "\(Amounts.count(report.objects, "object")), \(SizeText.of(report.bytes)), "
      + "\(Amounts.count(report.results, "result")), \(Amounts.count(report.answers, "answer"))"
  }

  static func json(_ report: ArchiveReport, type: String) -> JSON {
    [
      "type": .string(type), "version": 1, "run": .string(report.run),
      "objects": JSON(report.objects), "bytes": JSON(report.bytes),
      "results": JSON(report.results), "calls": JSON(report.calls),
      "answers": JSON(report.answers), "other_answers": JSON(report.otherAnswers),
      "new_run": .bool(report.isNewRun),
    ]
  }
}
