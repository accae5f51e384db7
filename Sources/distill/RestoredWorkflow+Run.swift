import Diagnostics
import Engine
import Foundation
import Primitives
import Provenance
import Store

extension RestoredWorkflow {
  /// Restores what a run read: from its commit where it has one, else from the store.
  ///
  /// - Throws: `Problems`, all at once.
  static func restore(run record: JSON, into store: Store) async throws -> RestoredWorkflow {
    let past = PastRun(record)
    guard let commit = past.commit, let treePath = past.treePath else {
      return try await restore(fromStore: past, store)
    }
    guard let repository = try await Blocking.run({ try past.repositoryRoot(having: commit) })
    else {
      throw Problem(
        "commit \(commit.prefix(12)), to which the run is pinned, is in no repository here",
        at: nil,
        hint: past.ref.map { "in a clone: git fetch <remote> \($0):\($0), then run this there" }
          ?? "run this in a clone that has the commit"
      )
    }
    return try await restore(
      commit,
      workflow: "\(repository)/\(treePath)",
      expecting: past.expected,
      library: past.library,
      into: store
    )
  }

  /// Lays out the files that the store kept of a run outside of any repository.
  private static func restore(
    fromStore past: PastRun,
    _ store: Store
  ) async throws -> RestoredWorkflow {
    let place = try RestorePlace(store)
    do {
      var missing: [Problem] = []
      let name = (past.path as NSString).lastPathComponent
      let folder = (past.path as NSString).deletingLastPathComponent
      missing += try await place.putIfAbsent(name, past.workflow, store)
      for (path, digest) in past.files {
        let relative = RelativePath.of(path, from: folder)
        missing += try await place.putOutside(relative, digest, store)
      }
      let templates = try await place.putLibrary(past.library, store, &missing)
      guard missing.isEmpty else { throw Problems(missing) }
      return RestoredWorkflow(
        source: nil,
        workflowPath: name,
        library: templates,
        root: place.root,
        home: folder,
        folder: place.folder
      )
    } catch {
      place.remove()
      throw error
    }
  }
}

/// What the record of a run says of its files.
private struct PastRun: Sendable {
  /// The workflow file as it was named then, absolute.
  let path: String
  let workflow: Digest
  let commit: String?
  let ref: String?
  let treePath: String?
  /// Digests of inputs by their path in the commit's tree.
  let expected: [String: Digest]
  /// The user's files, by absolute path.
  let files: [(path: String, digest: Digest)]
  /// Templates of the tool's library, by name.
  let library: [String: Digest]

  init(_ record: JSON) {
    path = record["workflow"]?["path"]?.string ?? ""
    workflow = Self.digest(record["workflow"]) ?? Digest(of: "")
    commit = record["git"]?["run_commit"]?.string
    ref = record["git"]?["ref"]?.string
    treePath = record["workflow"]?["tree_path"]?.string
    var expected: [String: Digest] = [:]
    for input in record["git"]?["inputs"]?.array ?? [] {
      guard let path = input["path"]?.string else { continue }
      expected[path] = Self.digest(input)
    }
    self.expected = expected
    var files: [(path: String, digest: Digest)] = []
    var library: [String: Digest] = [:]
    for file in record["files"]?.array ?? [] {
      guard let path = file["path"]?.string, let digest = Self.digest(file) else { continue }
      if let name = file["library"]?.string {
        library[name] = digest
      } else {
        files.append((path, digest))
      }
    }
    self.files = files
    self.library = library
  }

  private static func digest(_ json: JSON?) -> Digest? {
    json?["sha256"]?.string.flatMap { Digest(hex: $0) }
  }

  /// The repository around the workflow's old place or around this folder that has the commit.
  func repositoryRoot(having commit: String) throws -> String? {
    for start in [ExistingFolder.above(path), FileManager.default.currentDirectoryPath] {
      guard let repository = try Repository.discover(from: start) else { continue }
      if (try? repository.resolve(commit)) != nil { return repository.root }
    }
    return nil
  }
}
