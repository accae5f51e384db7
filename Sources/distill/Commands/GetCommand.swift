import ArgumentParser
import Execution
import Foundation
import Primitives
import Store

/// Writes an artifact out of the store.
struct GetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Write an instance's output to a file, a folder or standard output.",
    discussion: "A model becomes a folder in Hugging Face layout; rows become JSON Lines."
  )

  @Argument(help: "A run's id or the start of it, or 'last'.")
  var run: String

  @Argument(help: "An instance of the run, such as 'labels@cot'.")
  var instance: String

  @Option(help: "The part to write, where the artifact has several: rows, summary, table.md, …")
  var part: String?

  @Option(name: .shortAndLong, help: "Where to write; standard output where not given.")
  var output: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let entry = try RecordLookup.instance(
        instance,
        in: try await RecordLookup.record(run, store)
      )
      let parts = RecordLookup.outputs(entry)
      if let output, part == nil, parts.contains(where: { $0.part == Part.manifest }) {
        return try await writeFolder(parts, to: output, store)
      }
      let chosen = try choose(parts)
      let bytes = try await store.objects.read(chosen.object)
      guard let output else { return FileHandle.standardOutput.write(Data(bytes)) }
      try Data(bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
    }
  }

  /// The part asked for, else the one that people mean: rows, a table, the only one.
  private func choose(
    _ parts: [(part: String, object: ObjectRef)]
  ) throws -> (part: String, object: ObjectRef) {
    let wanted = part.map { [$0] } ?? [Part.rows, Part.markdown, Part.chosen, Part.prompt]
    for name in wanted {
      if let found = parts.first(where: { $0.part == name }) { return found }
    }
    if part == nil, parts.count == 1, let only = parts.first { return only }
    Terminal.error(
      "error: '\(instance)' has the parts \(parts.map(\.part).joined(separator: ", "))"
        + "; name one with --part"
    )
    throw ExitStatus.usage
  }

  /// A checkpoint's files under their own names.
  private func writeFolder(
    _ parts: [(part: String, object: ObjectRef)],
    to folder: String,
    _ store: Store
  ) async throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let internalParts = [Part.manifest, Part.model, Part.curve]
    // A run that was imported may give its parts any names.
    let target = OutputFolder(path: folder)
    for part in parts where !internalParts.contains(part.part) {
      try target.write(try await store.objects.read(part.object), to: part.part)
    }
  }
}
