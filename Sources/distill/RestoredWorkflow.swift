import Diagnostics
import Engine
import Foundation
import Primitives
import Provenance
import Store
import Workflow

/// A workflow as it was at a commit, with all that it reads, in a folder of the store's own.
struct RestoredWorkflow {
  /// Nil for a run that was pinned by the store alone.
  let source: Source?
  /// The workflow's path below the root.
  let workflowPath: String
  /// Templates of the tool's library as the run had them; nil where they are those of today.
  let library: String?
  /// The folder of the tree.
  let root: String
  /// The folder that it is the past of.
  let home: String
  /// The folder that goes with `remove`.
  let folder: String

  /// A commit in a repository.
  struct Source {
    let commit: String
    /// As it was asked for, as a full name of git's where it has one.
    let name: String
    /// The repository's folder.
    let repository: String
    /// Git's ids of the files, by path.
    let blobs: [String: String]
  }

  /// The workflow file in the restored tree.
  var path: String { "\(root)/\(workflowPath)" }

  /// Where a file of the tree stands outside of it.
  func place(of path: String) -> String {
    path.hasPrefix("\(root)/") ? home + path.dropFirst(root.count) : path
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// What a run record says of git: the inputs are those of the commit, whatever the worktree holds.
  func gitJSON(_ workflow: CheckedWorkflow, _ files: PinnedFiles, ref: String?) -> JSON {
    guard let source else { return .null }
    let blobs = source.blobs
    let own = ObjectRef(digest: Digest(of: workflow.bytes), size: workflow.bytes.count)
    let inputs = ([(path: workflow.path, object: own)] + files.all).compactMap { file -> JSON? in
      guard file.path.hasPrefix("\(root)/") else { return nil }
      let path = String(file.path.dropFirst(root.count + 1))
      return [
        "path": .string(path), "status": .string("clean"), "blob": JSON(blobs[path]),
        "head_blob": JSON(blobs[path]), "sha256": .string(file.object.digest.hex),
        "size": JSON(file.object.size),
        "pinned": .string(blobs[path] == nil ? "manifest" : "commit"),
      ]
    }
    return [
      "commit": .string(source.commit), "branch": .null, "remote": .null, "dirty": .bool(false),
      "at": .string(source.name), "run_commit": .string(source.commit), "ref": JSON(ref),
      "not_pinned": .null,
      "inputs": .array(inputs),
    ]
  }

  /// Restores a commit's tree, and what it does not hold from the store.
  ///
  /// `revision` is a commit, tag, branch, reference or run; the workflow need not be in the worktree
  /// any more. `expecting` has digests of files by their path in the tree, `library` templates of the
  /// tool's library by name, where a run recorded them. Throws `Problems`, all at once.
  static func restore(
    _ revision: String,
    workflow path: String,
    expecting: [String: Digest] = [:],
    library: [String: Digest] = [:],
    into store: Store
  ) async throws -> RestoredWorkflow {
    let place = try RestorePlace(store)
    do {
      let found = try await Blocking.run {
        try Tree(revision, workflow: path, expecting: expecting, root: place.root)
      }
      var missing = try await fill(found.restored, in: place, store)
      missing += try await fillFromLock(found, in: place, store)
      let templates = try await place.putLibrary(library, store, &missing)
      guard missing.isEmpty else { throw Problems(missing) }
      return RestoredWorkflow(
        source: found.source,
        workflowPath: found.workflowPath,
        library: templates,
        root: place.root,
        home: found.source.repository,
        folder: place.folder
      )
    } catch {
      place.remove()
      throw error
    }
  }

  /// Puts in place what the commit names by digest only.
  private static func fill(
    _ tree: RestoredTree,
    in place: RestorePlace,
    _ store: Store
  ) async throws -> [Problem] {
    var missing: [Problem] = []
    for file in tree.needed {
      if file.isOutside {
        missing += try await place.putOutside(file.path, file.digest, store)
        continue
      }
      guard let object = store.objects.find(file.digest) else {
        missing.append(RestorePlace.missing(file.path, file.digest))
        continue
      }
      let source = try await store.objects.verifiedPath(object)
      try await Blocking.run { try tree.fill(file, from: source) }
    }
    return missing
  }

  /// Data that git does not hold, by the lock that was committed beside the workflow.
  private static func fillFromLock(
    _ tree: Tree,
    in place: RestorePlace,
    _ store: Store
  ) async throws -> [Problem] {
    let path = LockFile.path(ofWorkflow: "\(place.root)/\(tree.workflowPath)")
    guard let bytes = FileManager.default.contents(atPath: path) else { return [] }
    let lock = try LockFile(parsing: Array(bytes), path: path)
    let folder = (tree.workflowPath as NSString).deletingLastPathComponent
    var missing: [Problem] = []
    for file in lock.files where !file.path.hasPrefix("library:") {
      let relative = file.path.hasPrefix("/") ? file.path : "\(folder)/\(file.path)"
      missing += try await place.putIfAbsent(relative, file.object.digest, store)
    }
    return missing
  }
}

/// A commit's tree on the disk, and where the workflow stands in it.
private struct Tree: Sendable {
  let source: RestoredWorkflow.Source
  let workflowPath: String
  let restored: RestoredTree

  /// Blocking.
  init(
    _ revision: String,
    workflow path: String,
    expecting: [String: Digest],
    root: String
  ) throws {
    let start = ExistingFolder.above(path)
    guard let repository = try Repository.discover(from: start) else {
      throw Problem(
        "'\(start)' is in no git repository, so there is no '\(revision)' to read",
        at: nil,
        hint: "run it from a clone of the repository that has the commit"
      )
    }
    let found: Revision
    do throws(RevisionError) {
      found = try repository.resolve(revision)
    } catch {
      let near = NearestFit.find(revision, among: error.known)
      throw Problem(
        error.description,
        at: nil,
        hint: near.map { "did you mean '\($0)'?" } ?? error.hint
      )
    }
    guard let relative = ExistingFolder.path(path, below: repository.root) else {
      throw Problem(
        "'\(path)' is outside of the repository '\(repository.root)'",
        at: nil,
        hint: "name a workflow of that repository"
      )
    }
    workflowPath = relative
    let commit = found.commit
    let files = try repository.files(in: commit)
    let blobs = Dictionary(files.map { ($0.path, $0.id) }) { first, _ in first }
    guard blobs[relative] != nil else {
      let near = NearestFit.find(
        relative,
        among: files.map(\.path).filter { $0.hasSuffix(".yaml") }
      )
      throw Problem(
        "commit \(commit.prefix(12)) has no file '\(relative)'",
        at: nil,
        hint: near.map { "did you mean '\($0)'?" }
          ?? "'git show \(commit.prefix(12)):' lists its files"
      )
    }
    restored = try repository.restore(commit, to: root, expecting: expecting)
    source = RestoredWorkflow.Source(
      commit: commit,
      name: found.ref ?? revision,
      repository: repository.root,
      blobs: blobs
    )
  }
}
