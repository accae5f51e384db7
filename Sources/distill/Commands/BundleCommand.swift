import ArgumentParser
import Exports
import Lineage
import Primitives
import Store

/// Writes a run out as a folder that others can read without Distill.
struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract:
      "Write a run with its workflow, inputs and outputs to a folder, described for others.",
    discussion: """
      The folder is a Provenance Run Crate 0.5: beside the files, ro-crate-metadata.json says which \
      of them was made of what, by what, when, and from which commit. Every byte is checked against \
      its digest on the way.
      """
  )

  @Argument(help: "A run's id or the start of it, or 'last'.")
  var run: String

  @Option(name: .shortAndLong, help: "The folder to make; 'run-ID' where not given.")
  var output: String?

  @Flag(help: "Leave out rows, of results and of data files; they are listed by digest.")
  var withoutRows = false

  @Flag(help: "Leave out the weights of tuned models; they are listed by digest.")
  var withoutModels = false

  @Option(help: "What others may do with the crate: the URL of a licence, or a sentence.")
  var license: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let records = RunRecords(store)
      let record = try await RecordLookup.recorded(run, store, records)
      let crate = try await RunCrate(
        record,
        store,
        records,
        selection: CrateSelection(leavesRows: withoutRows, leavesModels: withoutModels),
        license: license,
        find: { InputPlaces.sources(of: $0, record) }
      )
      let folder = output ?? "run-\(record.id)"
      let report = try await crate.write(to: StoreLocation.absolute(folder))
      show(report, record, folder)
    }
  }

  private func show(_ report: RunCrate.Report, _ record: RecordedRun, _ folder: String) {
    guard !common.json else {
      return Terminal.output([
        "type": "bundle", "version": 1, "run": .string(record.id), "path": .string(folder),
        "files": JSON(report.files), "bytes": JSON(report.size), "left_out": JSON(report.leftOut),
        "missing_inputs": .array(report.missingInputs.map(JSON.string)),
      ])
    }
    let leftOut = report.leftOut > 0 ? ", \(report.leftOut) listed by digest only" : ""
    Terminal.output(
      "\(ForeignText.line(folder, limit: 1000)): \(Amounts.count(report.files, "file")), "
        + "\(SizeText.of(report.size))\(leftOut)"
    )
    for title in report.missingInputs {
      Terminal.error(
        "warning: input '\(ForeignText.line(title))' is nowhere as it was; it is listed by digest"
      )
    }
  }
}
