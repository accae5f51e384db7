import ArgumentParser
import Execution
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
      let found = try await RecordLookup.record(run, store)
      guard let instance else {
        return common.json ? Terminal.output(found) : RecordText.show(found)
      }
      let entry = try RecordLookup.instance(instance, in: found)
      if let summary = try await RecordLookup.summary(entry, store), common.json {
        return Terminal.output(summary)
      }
      Terminal.output(VisibleJSON.escaped(common.json ? entry.compactText : entry.prettyText))
    }
  }
}

/// Finds records and what they name.
enum RecordLookup {
  static func record(_ run: String, _ store: Store) async throws -> JSON {
    let info = try await store.runs.find(run)
    return try await store.runs.folder(info.id).readRecord()
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
}

/// A run record for people.
private enum RecordText {
  static func show(_ record: JSON) {
    let summary = record["summary"]
    Terminal.output("run \(text(record["id"]))  \(text(summary?["status"]))")
    Terminal.output(
      "workflow \(text(record["workflow"]?["name"]))  sha256 \(text(record["workflow"]?["sha256"]))"
    )
    if let git = record["git"]?.object {
      let state = summary?["dirty"]?.bool == true ? "dirty" : "clean"
      Terminal.output(
        "commit \(text(git["commit"]))  branch \(text(git["branch"]))  \(state)"
      )
    }
    for instance in record["instances"]?.array ?? [] {
      let origin =
        instance["status"]?.string == "reused" ? " from \(text(instance["origin_run"]))" : ""
      Terminal.output("  \(text(instance["id"]))  \(text(instance["status"]))\(origin)")
      for output in RecordLookup.outputs(instance) {
        Terminal.output("    \(output.part)  \(output.object.digest.hex)")
      }
    }
  }

  private static func text(_ json: JSON?) -> String { json?.string ?? "–" }
}
