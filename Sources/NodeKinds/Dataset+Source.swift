package import Downloads
import Execution
import Primitives
import Store
import Tasks
package import Workflow

// Where the rows of a dataset come from, and how their bytes are had.

extension Dataset {
  package static func remoteSources(of instance: Instance) -> [RemoteSource] {
    remoteSource(instance.settings).map { [$0] } ?? []
  }

  /// What lies elsewhere; nil for a file of the user's and for another dataset.
  static func remoteSource(_ settings: Settings) -> RemoteSource? {
    if let url = settings.text("url"),
      let digest = settings.text("sha256").flatMap({ Digest(hex: $0) })
    {
      return .file(RemoteFile(url: url, digest: digest))
    }
    func text(_ name: String) -> String? { settings.json("hugging_face", name)?.string }
    guard let dataset = text("dataset"), let config = text("config"), let split = text("split"),
      let revision = text("revision")
    else { return nil }
    return .rows(
      HubRows(
        dataset: dataset,
        config: config,
        split: split,
        revision: revision,
        digest: text("sha256").flatMap { Digest(hex: $0) }
      )
    )
  }

  /// What is to be read, and for what came from elsewhere the facts of where and which bytes.
  static func source(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> (source: DatasetSource, origin: JSONObject?) {
    let format = inputs.settings.text("format") ?? storedFormat
    let columns = columns(inputs.settings)
    if let file = inputs.file("path") {
      return (try await source(file, format, columns, services), nil)
    }
    if let remote = remoteSource(inputs.settings) {
      let object = try await object(of: remote, inputs.instance, services)
      var origin = remote.json
      origin["sha256"] = .string(object.digest.hex)
      origin["bytes"] = JSON(object.size)
      let path = try await services.objects.verifiedPath(object)
      return (
        DatasetSource(path: path, name: remote.name, format: format, fields: columns), origin
      )
    }
    let rows = inputs.require("data").require(Part.rows)
    return (
      DatasetSource(
        path: try await services.objects.verifiedPath(rows),
        name: "data",
        format: storedFormat
      ), nil
    )
  }

  /// The bytes are read from the store, so that a file changed during the run cannot slip in.
  private static func source(
    _ file: InputFile,
    _ format: String,
    _ columns: [(task: String, column: String)]?,
    _ services: Services
  ) async throws -> DatasetSource {
    if let listing = file.listing {
      return DatasetSource(
        folder: try await files(of: listing, in: file, services),
        name: file.written,
        format: format,
        fields: columns
      )
    }
    let stored = try await services.objects.put(fileAt: file.path)
    guard stored == file.object else { throw changed(file.written) }
    return DatasetSource(
      path: try await services.objects.verifiedPath(stored),
      name: file.written,
      format: format,
      fields: columns
    )
  }

  /// The files of a folder, in the store; its listing too, so that a change of it can be shown.
  private static func files(
    of listing: FolderListing,
    in folder: InputFile,
    _ services: Services
  ) async throws -> [DatasetSource.FolderFile] {
    try await services.objects.put(listing.bytes)
    var files: [DatasetSource.FolderFile] = []
    for entry in listing.entries {
      // Thousands of small files: what is there already is not written again, only verified.
      if !services.objects.contains(entry.object) {
        let stored = try await services.objects.put(fileAt: "\(folder.path)/\(entry.name)")
        guard stored == entry.object else { throw changed("\(folder.written)/\(entry.name)") }
      }
      let path = try await services.objects.verifiedPath(entry.object)
      files.append(DatasetSource.FolderFile(name: entry.name, path: path))
    }
    return files
  }

  private static func changed(_ file: String) -> NodeFailure {
    NodeFailure(
      "file '\(file)' changed while the run was starting",
      hint: "run again when nothing writes to it"
    )
  }

  private static func object(
    of remote: RemoteSource,
    _ instance: Instance,
    _ services: Services
  ) async throws -> ObjectRef {
    do {
      return try await services.sources.object(of: remote, run: services.runID)
    } catch let error as SourceError {
      if case .nothing(let list) = services.asking {
        try list(["instance": .string(instance.id.text), "source": .object(remote.json)])
      }
      throw NodeFailure(error.message, hint: error.hint)
    } catch let error as SystemError {
      throw NodeFailure(
        "'\(remote.name)' cannot be kept: \(error)",
        hint: "make room or mend the folder, and run again: what came before is kept"
      )
    }
  }

  private static func columns(_ settings: Settings) -> [(task: String, column: String)]? {
    settings.json("fields")?.object?.members.map { ($0.key, $0.value.string ?? "") }
  }
}
