package import Lineage
package import Primitives
package import Store

/// A run as a Provenance Run Crate 0.5: a folder with the workflow, its inputs and outputs, and a
/// description of who made what of what (`ro-crate-metadata.json`).
///
/// The same run gives the same bytes, as long as the store holds the same objects of it.
package struct RunCrate: Sendable {
  /// An input whose bytes the store may not hold.
  package struct Wanted: Sendable {
    /// Absolute, where the run read it.
    package let path: String
    /// Below the repository's root, with `/`; nil for a file outside.
    package let pathInRepository: String?
    package let digest: Digest
  }

  /// Where the bytes of an input may still be found, beside the store; what is found counts only if
  /// its digest is right.
  package enum Source: Sendable {
    case file(path: String)
    /// Read only if no earlier source has the bytes.
    case bytes(@Sendable () async throws -> [UInt8]?)
  }

  /// Names sources of an input, the likeliest first.
  package typealias Finder = @Sendable (Wanted) async throws -> [Source]

  /// What came of writing.
  package struct Report: Sendable {
    package var files = 0
    /// Of the files, in bytes.
    package var size = 0
    /// Titles of inputs whose bytes are nowhere; the crate lists them by digest.
    package var missingInputs: [String] = []
    /// How many objects were left out, as asked or because the store has them no more.
    package var leftOut = 0
  }

  let run: RecordedRun
  let store: Store
  private let times: RunTimes
  private let preimages: [String: JSON]
  private let selection: CrateSelection
  private let license: String?
  let find: Finder

  /// Reads what the crate will say.
  ///
  /// The licence is a URL or a sentence: what others may do with the crate. `find` says where inputs
  /// may be that the store does not hold.
  ///
  /// - Throws: `StoreError`; `ExportError` for a run of which nothing ran.
  package init(
    _ run: RecordedRun,
    _ store: Store,
    _ records: RunRecords,
    selection: CrateSelection,
    license: String?,
    find: @escaping Finder
  ) async throws {
    guard run.instances.contains(where: { CrateGraph.hasAction($0) }) else {
      throw ExportError("nothing of run '\(run.id)' ran: there is nothing to bundle")
    }
    self.run = run
    self.store = store
    self.selection = selection
    self.license = license
    self.find = find
    times = try await RunTimes(of: run, store, records)
    preimages = try await Preimage.all(of: run, store.objects)
  }

  /// Writes the crate to a folder that is not there yet, or is empty.
  ///
  /// - Throws: `ExportError`, also where the workflow file's bytes are nowhere; `StoreError` for an
  ///   object that is damaged. Then nothing is left behind.
  package func write(to path: String) async throws -> Report {
    let folder = try CrateFolder(at: path)
    do {
      let report = try await fill(folder)
      try folder.finish()
      return report
    } catch {
      folder.discard()
      throw error
    }
  }

  private func fill(_ folder: CrateFolder) async throws -> Report {
    guard let digest = run.workflow.digest else {
      throw ExportError("the record of run '\(run.id)' does not say which workflow file it ran")
    }
    var contents = CrateContents(
      run,
      digestOfWorkflow: digest,
      preimages,
      selection,
      store.objects
    )
    var report = Report()
    try await copyWorkflow(&contents, folder, &report)
    try await copyInputs(&contents, folder, &report)
    try await copyOutputs(contents, folder, &report)
    let graph = CrateGraph(
      run: run,
      contents: contents,
      preimages: preimages,
      times: times,
      license: license
    )
    let own = CrateMetadata(run: run, contents: contents, graph: graph)
    for (name, bytes) in own.files {
      try folder.write(bytes, to: name)
      report.add(bytes.count)
    }
    return report
  }
}
