import ArgumentParser
import Execution
import Lineage
import Primitives
import Store

/// Shows a run's record, or one instance of it.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a run's record, or one instance of it with its inputs, outputs and figures."
  )

  @Argument(help: "A run's id or the start of it, or 'last'.")
  var run: String

  @Argument(help: "An instance of the run, such as 'labels@cot'.")
  var instance: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      try await LineageErrors.handled {
        if common.json { return try await showJSON(store) }
        let tracer = Tracer(store, RunRecords(store))
        let record = try await tracer.run(run)
        guard let instance else {
          let served = try await tracer.servedModels(of: record)
          return show(ShowRunText(record, served: served).lines)
        }
        let found = try tracer.instance(instance, in: record)
        let text = ShowInstanceText(
          instance: found,
          run: record,
          step: try await tracer.step(of: found, in: record),
          changes: try await tracer.changes(of: found),
          summary: try await RecordLookup.summary(found.json, store),
          trials: try await RecordLookup.trials(found.json, store)
        )
        show(text.lines)
      }
    }
  }

  private func showJSON(_ store: Store) async throws {
    let record = try await RecordLookup.record(run, store)
    guard let instance else { return Terminal.output(record) }
    let entry = try RecordLookup.instance(instance, in: record)
    if let summary = try await RecordLookup.summary(entry, store) {
      return Terminal.output(summary)
    }
    let trials = try await RecordLookup.trials(entry, store)
    Terminal.output(trials.isEmpty ? entry : ["trials": .array(trials)])
  }

  private func show(_ lines: [String]) {
    for line in lines { Terminal.output(TextTree.cut(line)) }
  }
}

/// Finds records and what they name.
enum RecordLookup {
  static func record(_ run: String, _ store: Store) async throws -> JSON {
    let info = try await store.runs.find(run)
    let folder = store.runs.folder(info.id)
    guard folder.hasRecord else {
      Terminal.error(
        "error: run \(info.id) has no record: it "
          + (info.isLive ? "goes on" : "was killed before its end")
          + "\n  hint: 'distill status \(info.id)' shows how far it came"
      )
      throw ExitStatus.usage
    }
    return try await folder.readRecord()
  }

  static func instance(_ name: String, in record: JSON) throws -> JSON {
    let all = record["instances"]?.array ?? []
    if let entry = all.first(where: { $0["id"]?.string == name }) { return entry }
    let known = all.compactMap { $0["id"]?.string }.joined(separator: ", ")
    Terminal.error("error: the run has no instance '\(name)'; it has \(known)")
    throw ExitStatus.usage
  }

  /// Outputs of an instance by part.
  static func outputs(_ entry: JSON) -> [(part: String, object: ObjectRef)] {
    entry["outputs"]?.object?.members.compactMap { member in
      guard let hex = member.value["sha256"]?.string, let digest = Digest(hex: hex),
        let size = member.value["size"]?.int
      else { return nil }
      return (member.key, ObjectRef(digest: digest, size: size))
    } ?? []
  }

  /// The summary part of an artifact that has one: the metrics of scores, the counts of labels.
  static func summary(_ entry: JSON, _ store: Store) async throws -> JSON? {
    guard let part = outputs(entry).first(where: { $0.part == Part.summary }) else { return nil }
    return try JSON(parsing: try await store.objects.read(part.object))
  }

  /// The trials of a search, in their order; none where the artifact is of no search.
  static func trials(_ entry: JSON, _ store: Store) async throws -> [JSON] {
    guard let part = outputs(entry).first(where: { $0.part == Part.trials }) else { return [] }
    return try await store.objects.read(part.object).split(separator: 0x0A).map {
      try JSON(parsing: $0)
    }
  }
}
