import Lineage
import Primitives
import Store

// How files come into a crate: each from the first place that has its bytes, and no others.

extension RunCrate {
  func copyWorkflow(
    _ contents: inout CrateContents,
    _ folder: CrateFolder,
    _ report: inout Report
  ) async throws {
    let entry = contents.workflow
    let size = try await copy(entry, ofFileAt: run.workflow.path, folder, &report)
    guard let size else {
      throw ExportError(
        "the workflow file of run '\(run.id)' is nowhere as it was: SHA-256 "
          + "\(entry.object.digest.hex)",
        hint: run.git?.commit.map { "fetch or check out commit \($0), where it should be" }
      )
    }
    contents.setWorkflowSize(size)
  }

  func copyInputs(
    _ contents: inout CrateContents,
    _ folder: CrateFolder,
    _ report: inout Report
  ) async throws {
    for (index, input) in contents.inputs.enumerated() {
      guard input.entry.path != nil else {
        report.leftOut += 1
        continue
      }
      if try await copy(input.entry, ofFileAt: input.file.path, folder, &report) == nil {
        contents.drop(input: index)
        report.missingInputs.append(input.entry.title)
      }
    }
  }

  func copyOutputs(
    _ contents: CrateContents,
    _ folder: CrateFolder,
    _ report: inout Report
  ) async throws {
    for output in contents.outputs {
      guard let path = output.path else {
        report.leftOut += 1
        continue
      }
      let source = store.objects.path(of: output.object.digest)
      let written = try await Blocking.run { try folder.copy(fileAt: source, to: path) }
      guard let written else { throw StoreError.missingObject(output.object.digest, path: source) }
      guard written == output.object else {
        throw StoreError.damagedObject(output.object.digest, path: source, found: written.digest)
      }
      report.add(written.size)
    }
  }

  /// Copies an input from the first place that has its bytes; their number, or nil.
  private func copy(
    _ entry: CrateFile,
    ofFileAt original: String,
    _ folder: CrateFolder,
    _ report: inout Report
  ) async throws -> Int? {
    guard let path = entry.path else { return nil }
    let digest = entry.object.digest
    if store.objects.find(digest) != nil {
      let kept = Source.file(path: store.objects.path(of: digest))
      if let size = try await copy(digest, from: kept, to: path, folder) {
        report.add(size)
        return size
      }
    }
    let wanted = Wanted(
      path: original,
      pathInRepository: InputPlace.inRepository(original, of: run),
      digest: digest
    )
    for source in try await find(wanted) {
      if let size = try await copy(digest, from: source, to: path, folder) {
        report.add(size)
        return size
      }
    }
    return nil
  }

  /// Copies bytes if they are the right ones; their number, or nil.
  private func copy(
    _ digest: Digest,
    from source: Source,
    to path: String,
    _ folder: CrateFolder
  ) async throws -> Int? {
    switch source {
    case .file(let place):
      let written = try await Blocking.run { try folder.copy(fileAt: place, to: path) }
      guard let written else { return nil }
      guard written.digest == digest else {
        folder.remove(path)
        return nil
      }
      return written.size
    case .bytes(let read):
      guard let bytes = try await read(), Digest(of: bytes) == digest else { return nil }
      try folder.write(bytes, to: path)
      return bytes.count
    }
  }
}

extension RunCrate.Report {
  mutating func add(_ size: Int) {
    files += 1
    self.size += size
  }
}
