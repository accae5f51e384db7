#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2

/// A run's commit, as git keeps it.
package struct RunRef: Hashable, Sendable {
  /// The run's id.
  package let id: String
  /// 40 hexadecimal digits.
  package let commit: String

  package init(id: String, commit: String) {
    self.id = id
    self.commit = commit
  }
}

extension Repository {
  private static let runPrefix = "refs/distill/runs/"

  static func runRef(_ id: String) -> String { runPrefix + id }

  /// Every run that has a commit here, sorted by id.
  package func runs() throws(GitError) -> [RunRef] {
    let operation = "list the runs of '\(root)'"
    var iterator: OpaquePointer?
    try GitError.check(
      git_reference_iterator_glob_new(&iterator, handle, Self.runPrefix + "*"),
      operation
    )
    defer { git_reference_iterator_free(iterator) }
    var runs: [RunRef] = []
    while true {
      var reference: OpaquePointer?
      let code = git_reference_next(&reference, iterator)
      if code == GIT_ITEROVER.rawValue { break }
      try GitError.check(code, operation)
      defer { git_reference_free(reference) }
      guard let name = git_reference_name(reference),
        let commit = git_reference_target(reference)?.pointee
      else { continue }
      let id = String(cString: name).dropFirst(Self.runPrefix.count)
      runs.append(RunRef(id: String(id), commit: commit.hex))
    }
    return runs.sorted { $0.id < $1.id }
  }

  /// Keeps a commit for a run that reads it: git's own gc drops no commit that a ref names.
  ///
  /// - Returns: The ref's name, `refs/distill/runs/<id>`.
  package func keep(_ commit: String, forRun id: String) throws(GitError) -> String {
    let ref = Self.runRef(id)
    try create(runRef: ref, try git_oid(hex: commit))
    return ref
  }

  /// Lets git's gc take a run's commit.
  ///
  /// - Returns: Whether the run had a ref.
  @discardableResult
  package func deleteRun(_ id: String) throws(GitError) -> Bool {
    let operation = "delete '\(Self.runRef(id))'"
    var reference: OpaquePointer?
    let code = git_reference_lookup(&reference, handle, Self.runRef(id))
    if code == GIT_ENOTFOUND.rawValue { return false }
    try GitError.check(code, operation)
    defer { git_reference_free(reference) }
    try GitError.check(git_reference_delete(reference), operation)
    return true
  }

  /// Whether a commit is HEAD's or one that HEAD's came from; nil where this clone cannot tell.
  package func history(has commit: String) throws(GitError) -> Bool? {
    guard let head = try head().commit else { return false }
    if head == commit { return true }
    var old = try git_oid(hex: commit)
    var new = try git_oid(hex: head)
    guard try old.size(in: handle) != nil else { return nil }
    let code = git_graph_descendant_of(handle, &new, &old)
    if code == 1 { return true }
    // A shallow clone ends before the commit may come.
    if git_repository_is_shallow(handle) == 1 { return nil }
    try GitError.check(code, "look for \(commit) in the history of '\(root)'")
    return false
  }

  /// Creates a run's ref and syncs the folders it is in.
  ///
  /// - Throws: `GitError`, also if the ref names another commit already.
  func create(runRef ref: String, _ commit: git_oid) throws(GitError) {
    let code = tryToCreate(ref, commit)
    if code == GIT_EEXISTS.rawValue {
      var found = git_oid()
      try GitError.check(git_reference_name_to_id(&found, handle, ref), "read '\(ref)'")
      guard found.equals(commit) else {
        throw GitError("create '\(ref)'", reason: "it names commit \(found.hex) already")
      }
    } else {
      try GitError.check(code, "create '\(ref)'")
    }
    for folder in ["refs", "refs/distill", "refs/distill/runs"] {
      try Self.sync(commonFolder + folder)
    }
  }

  /// libgit2's code for creating a ref, others working on refs meanwhile.
  private func tryToCreate(_ ref: String, _ commit: git_oid) -> Int32 {
    var code: Int32 = 0
    // 10 ms each: a lock is held for that long, unless it was left by a crash.
    var waits = 100
    // A deletion or gc of another process may take away the folder that was just made.
    var repeats = 10
    while true {
      var reference: OpaquePointer?
      var id = commit
      code = git_reference_create(&reference, handle, ref, &id, 0, nil)
      git_reference_free(reference)
      if code == 0 || code == GIT_EEXISTS.rawValue || code == GIT_EINVALIDSPEC.rawValue {
        return code
      }
      if code == GIT_ELOCKED.rawValue {
        usleep(10_000)
        waits -= 1
      } else {
        repeats -= 1
      }
      if waits == 0 || repeats == 0 { return code }
    }
  }
}
