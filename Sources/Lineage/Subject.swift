package import Primitives
package import Store

/// What somebody asks the lineage of.
package enum Subject: Sendable {
  /// An instance of a run, with what this run used.
  case instance(RecordedInstance, in: RecordedRun)
  /// What an action led to; the parts that have the digest asked for, none where it is the key.
  case result(ResultRecord, parts: [String], others: Int)
  /// A file that runs read, or their workflow file.
  case file(Digest, uses: [FileUse])
}

/// A run that read a file.
package struct FileUse: Sendable {
  package let runID: String
  package let workflow: String
  package let startedAt: Int64
  package let path: String
  /// Whether it is the workflow file itself.
  package let isWorkflow: Bool
  package let size: Int?
  package let origin: RunOrigin
  package let git: RecordedGit.Input?
}

extension Tracer {
  /// The instance of a run by its whole name, or by its node's where that has one instance.
  ///
  /// - Throws: `LineageError` that names what there is.
  package func instance(_ name: String, in run: RecordedRun) throws(LineageError)
    -> RecordedInstance
  {
    let found = run.instances(of: name)
    if found.count == 1 { return found[0] }
    guard found.isEmpty else {
      throw LineageError(
        "'\(name)' has \(found.count) instances in run \(run.id)",
        hint: "name one: \(found.map(\.id).joined(separator: ", "))"
      )
    }
    throw LineageError(
      "run \(run.id) has no instance '\(name)'",
      hint: "it has \(run.instances.map(\.id).joined(separator: ", "))"
    )
  }

  /// The record of a run by its id, the start of it, or `last`.
  package func run(_ name: String) async throws -> RecordedRun {
    let info = try await store.runs.find(name)
    if let record = try await records.record(info.id) { return record }
    throw LineageError(
      "run \(info.id) has no record: it "
        + (info.isLive ? "goes on" : "was killed before its end"),
      hint: "'distill status \(info.id)' shows how far it came"
    )
  }

  /// What a digest names: an output, an action key, or a file that runs read; nil for none of them.
  package func subject(_ digest: Digest) async throws -> Subject? {
    let made = try await store.results.results(withOutput: digest)
    if let first = made.first {
      let parts = first.outputs.filter { $0.object.digest == digest }.map(\.part)
      return .result(first, parts: parts, others: Set(made.map(\.key)).count - 1)
    }
    if let result = try await result(digest, nil) { return .result(result, parts: [], others: 0) }
    let uses = try await uses(ofFile: digest)
    return uses.isEmpty ? nil : .file(digest, uses: uses)
  }

  /// The digests of outputs, keys and input files that begin with some hexadecimal digits.
  package func digests(withPrefix prefix: String) async throws -> [Digest] {
    var found = Set(try await store.results.digests(withPrefix: prefix, limit: 10))
    for record in try await records.all() {
      let files = record.files.map(\.object.digest) + [record.workflow.digest].compactMap(\.self)
      found.formUnion(files.filter { $0.hex.hasPrefix(prefix) })
    }
    return found.sorted()
  }

  private func uses(ofFile digest: Digest) async throws -> [FileUse] {
    try await records.all().flatMap { run in
      let files = run.files.filter { $0.object.digest == digest }.map {
        FileUse($0, of: run, isWorkflow: false)
      }
      guard run.workflow.digest == digest else { return files }
      let file = RecordedFile(
        path: run.workflow.path,
        object: ObjectRef(digest: digest, size: 0)
      )
      return files + [FileUse(file, of: run, isWorkflow: true)]
    }
  }
}

extension FileUse {
  fileprivate init(_ file: RecordedFile, of run: RecordedRun, isWorkflow: Bool) {
    self.init(
      runID: run.id,
      workflow: run.workflow.name,
      startedAt: run.startedAt,
      path: file.path,
      isWorkflow: isWorkflow,
      size: isWorkflow ? nil : file.object.size,
      origin: RunOrigin(run),
      git: run.gitInput(of: file)
    )
  }
}
