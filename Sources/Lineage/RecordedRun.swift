// Lineage: where a result came from and what came of it, read back from what runs left in the store.
// It reads records of runs, results, preimages, rows and the ledger. It runs nothing, and knows
// neither YAML nor what node kinds do beyond the form of their parts.

package import Primitives
package import Store

/// The record of a run, `run.json`, read back.
package struct RecordedRun: Sendable {
  /// The newest form that is read; older ones are, too.
  package static let version = 2

  package let id: String
  /// `succeeded`, `failed`, `interrupted` or `paused`.
  package let status: String
  package let workflow: RecordedWorkflow
  package let parameters: JSONObject
  /// The version of the tool.
  package let tool: String
  /// Milliseconds since 1970, UTC.
  package let startedAt: Int64
  package let seconds: Double
  /// Nil where the run was outside of any repository.
  package let git: RecordedGit?
  package let models: [RecordedModel]
  package let machine: JSON
  /// Counts and sums, as the last line of `run --json` has them.
  package let summary: JSON
  package let files: [RecordedFile]
  /// In the order of the workflow.
  package let instances: [RecordedInstance]
  /// The whole record.
  package let json: JSON

  /// - Throws: `RecordError` for what this release cannot read.
  package init(json: JSON) throws(RecordError) {
    let members = try RecordReader(json, of: "the record")
    let version = try members.integer("version")
    guard version <= Self.version else {
      throw RecordError(
        "it has version \(version), this release reads up to \(Self.version); use the newer release"
      )
    }
    id = try members.text("id")
    summary = try members.member("summary")
    status = try RecordReader(summary, of: "'summary'").text("status")
    seconds = summary["seconds"]?.number ?? 0
    workflow = try RecordedWorkflow(json: try members.member("workflow"))
    parameters = json["parameters"]?.object ?? JSONObject()
    tool = try members.text("tool")
    startedAt = Int64(try members.integer("started_at_ms"))
    git = json["git"].flatMap { $0.object == nil ? nil : RecordedGit(json: $0) }
    models = (json["models"]?.object?.members ?? []).map { member in
      RecordedModel(
        name: member.key,
        declared: member.value["declared"] ?? .null,
        identity: member.value["identity"] ?? .null
      )
    }
    machine = json["machine"] ?? .null
    files = try RecordedFile.all(json["files"])
    instances = try RecordedInstance.all(json["instances"])
    self.json = json
  }

  package subscript(id: String) -> RecordedInstance? {
    instances.first { UTF8Order.equal($0.id, id) }
  }

  /// The instances of a node: itself where it has no axes, else every point of it.
  package func instances(of node: String) -> [RecordedInstance] {
    if let exact = self[node] { return [exact] }
    return instances.filter { $0.id.utf8.starts(with: "\(node)@".utf8) }
  }

  /// What git says of one of the run's files; nil outside of a repository.
  ///
  /// Paths of files are absolute, those of git relative to the worktree: the longest that fits is
  /// the file's own. A file outside may have another name there, and is known by its bytes.
  package func gitInput(of file: RecordedFile) -> RecordedGit.Input? {
    let inputs = git?.inputs ?? []
    let named = inputs.filter { input in
      UTF8Order.equal(input.path, file.path)
        || file.path.utf8.reversed().starts(with: "/\(input.path)".utf8.reversed())
    }
    return named.max { $0.path.utf8.count < $1.path.utf8.count }
      ?? inputs.first { $0.digest == file.object.digest }
  }
}

/// The workflow file of a run.
package struct RecordedWorkflow: Sendable {
  package let name: String
  /// Absolute, where the run read it.
  package let path: String
  package let digest: Digest?

  init(json: JSON) throws(RecordError) {
    let members = try RecordReader(json, of: "'workflow'")
    name = try members.text("name")
    path = try members.text("path")
    digest = json["sha256"]?.string.flatMap { Digest(hex: $0) }
  }
}

/// A model of a run: as the workflow declares it, and as keys name it.
package struct RecordedModel: Sendable {
  package let name: String
  package let declared: JSON
  package let identity: JSON
}

/// An input file of a run.
package struct RecordedFile: Hashable, Sendable {
  /// Absolute, where the run read it.
  package let path: String
  package let object: ObjectRef

  package init(path: String, object: ObjectRef) {
    self.path = path
    self.object = object
  }

  static func all(_ json: JSON?) throws(RecordError) -> [RecordedFile] {
    var files: [RecordedFile] = []
    for entry in json?.array ?? [] {
      let members = try RecordReader(entry, of: "a file")
      let object = ObjectRef(
        digest: try members.digest("sha256"),
        size: try members.integer("size")
      )
      files.append(RecordedFile(path: try members.text("path"), object: object))
    }
    return files
  }
}
