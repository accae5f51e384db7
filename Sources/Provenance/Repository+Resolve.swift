import CGit2
import Primitives

extension Repository {
  /// Where a short name may stand, as git looks for it; runs come last.
  private static let places = [
    "refs/", "refs/tags/", "refs/heads/", "refs/remotes/", "refs/distill/runs/",
  ]

  /// The commit that a name names: an id, whole or short, a branch, a tag, a run's id, a full ref,
  /// or an expression such as `HEAD~2`.
  ///
  /// git takes a tag where a branch has the same name; here both have to name one commit.
  package func resolve(_ name: String) throws(RevisionError) -> Revision {
    let found: [Revision]
    do throws(GitError) {
      found = try revisions(ofRefsNamed: name)
    } catch {
      throw RevisionError(error)
    }
    if let first = found.first {
      if found.allSatisfy({ $0.commit == first.commit }) { return first }
      let refs = found.compactMap { $0.ref.map { "'\($0)'" } }.joined(separator: " and ")
      throw RevisionError(
        .ambiguous,
        "'\(name)' is ambiguous: \(refs) are different commits",
        hint: "name one of them in full"
      )
    }
    return Revision(commit: try object(name), ref: nil)
  }

  private func revisions(ofRefsNamed name: String) throws(GitError) -> [Revision] {
    let isFull = name == "HEAD" || name.utf8.starts(with: "refs/".utf8)
    var found: [Revision] = []
    for place in isFull ? [""] : Self.places {
      var reference: OpaquePointer?
      guard git_reference_lookup(&reference, handle, place + name) == 0 else { continue }
      defer { git_reference_free(reference) }
      var commit: OpaquePointer?
      // A tag of a file or folder is no commit, and HEAD names none before the first.
      guard git_reference_peel(&commit, reference, GIT_OBJECT_COMMIT) == 0 else { continue }
      defer { git_object_free(commit) }
      guard let id = git_object_id(commit)?.pointee else { continue }
      found.append(Revision(commit: id.hex, ref: place + name))
    }
    return found
  }

  /// The commit behind an id or an expression.
  private func object(_ name: String) throws(RevisionError) -> String {
    var object: OpaquePointer?
    let code = git_revparse_single(&object, handle, name)
    defer { git_object_free(object) }
    if code == GIT_EAMBIGUOUS.rawValue { return try onlyCommit(startingWith: name) }
    guard code == 0 else { throw unknown(name) }
    var commit: OpaquePointer?
    guard git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0 else {
      let kind = git_object_type2string(git_object_type(object)).map { String(cString: $0) }
      throw RevisionError(
        .notACommit,
        "'\(name)' names a \(kind ?? "thing"), not a commit",
        hint: nil
      )
    }
    defer { git_object_free(commit) }
    guard let id = git_object_id(commit)?.pointee else { throw unknown(name) }
    return id.hex
  }

  /// The one commit among all objects whose ids begin alike, as git tells them apart.
  private func onlyCommit(startingWith prefix: String) throws(RevisionError) -> String {
    let commits: [String]
    do throws(GitError) {
      commits = try self.commits(startingWith: prefix)
    } catch {
      throw RevisionError(error)
    }
    if commits.count == 1 { return commits[0] }
    let shown = commits.prefix(5).joined(separator: ", ")
    throw RevisionError(
      .ambiguous,
      "'\(prefix)' is ambiguous: \(commits.count) commits begin with it",
      hint: commits.isEmpty ? nil : "give more digits of one of: \(shown)"
    )
  }

  private func commits(startingWith prefix: String) throws(GitError) -> [String] {
    var objects: OpaquePointer?
    try GitError.check(git_repository_odb(&objects, handle), "open git's objects")
    defer { git_odb_free(objects) }
    var search = PrefixSearch(prefix: Array(prefix.lowercased().utf8))
    let code = withUnsafeMutablePointer(to: &search) { search in
      git_odb_foreach(
        objects,
        { id, payload in
          guard let id, let payload else { return 0 }
          payload.assumingMemoryBound(to: PrefixSearch.self).pointee.see(id.pointee)
          return 0
        },
        search
      )
    }
    try GitError.check(code, "list git's objects")
    var commits: Set<String> = []
    for id in search.found {
      var id = id
      var object: OpaquePointer?
      guard git_object_lookup(&object, handle, &id, GIT_OBJECT_COMMIT) == 0 else { continue }
      git_object_free(object)
      commits.insert(id.hex)
    }
    return commits.sorted()
  }

  private func unknown(_ name: String) -> RevisionError {
    var hint =
      "commits and runs of another clone come by: git fetch origin && "
      + "git fetch origin 'refs/distill/*:refs/distill/*'"
    if git_repository_is_shallow(handle) == 1 {
      hint = "this clone is shallow; the rest comes by: git fetch --unshallow"
    }
    return RevisionError(
      .unknown,
      "'\(name)' names no commit, branch, tag or run of '\(root)'",
      hint: hint,
      known: names()
    )
  }

  /// Short names of all branches, tags and runs.
  private func names() -> [String] {
    var list = git_strarray()
    guard git_reference_list(&list, handle) == 0 else { return [] }
    defer { git_strarray_dispose(&list) }
    return (0..<list.count).compactMap { list.strings[$0].map { String(cString: $0) } }
      .map { name in
        let place = Self.places.dropFirst().first { name.utf8.starts(with: $0.utf8) }
        return String(name.dropFirst(place?.count ?? 0))
      }
      .sorted { UTF8Order.less($0, $1) }
  }
}

/// The ids seen so far that begin with given digits.
private struct PrefixSearch {
  let prefix: [UInt8]
  var found: [git_oid] = []

  mutating func see(_ id: git_oid) {
    if id.hex.utf8.starts(with: prefix) { found.append(id) }
  }
}
