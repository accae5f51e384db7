import CGit2

/// What a repository stands on.
package struct Head: Hashable, Sendable {
  /// The commit's id in hexadecimal; nil before the first commit.
  package let commit: String?
  /// The branch, without `refs/heads/`; nil where HEAD names a commit itself.
  package let branch: String?
}

extension Repository {
  /// Reads HEAD once, so that commit and branch are of one moment while others commit or switch.
  package func head() throws(GitError) -> Head {
    let operation = "read HEAD of '\(root)'"
    var reference: OpaquePointer?
    try GitError.check(git_reference_lookup(&reference, handle, "HEAD"), operation)
    defer { git_reference_free(reference) }
    if let id = git_reference_target(reference)?.pointee {
      return Head(commit: id.hex, branch: nil)
    }
    guard let target = git_reference_symbolic_target(reference) else {
      throw GitError(operation, reason: "it names neither a branch nor a commit")
    }
    var id = git_oid()
    let code = git_reference_name_to_id(&id, handle, target)
    // Before the first commit HEAD names a branch that is not there.
    let isUnborn = code == GIT_ENOTFOUND.rawValue
    if !isUnborn { try GitError.check(code, operation) }
    let name = String(cString: target)
    let prefix = "refs/heads/"
    return Head(
      commit: isUnborn ? nil : id.hex,
      branch: name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    )
  }

  /// Where the repository was cloned from: `origin`, else the only remote there is.
  ///
  /// User name, password and anything behind `?` or `#` are left out, since tokens stand there.
  package func remoteURL() throws(GitError) -> String? {
    var names = git_strarray()
    try GitError.check(git_remote_list(&names, handle), "list the remotes of '\(root)'")
    defer { git_strarray_dispose(&names) }
    let all = (0..<names.count).compactMap { names.strings[$0].map { String(cString: $0) } }
    guard let name = all.contains("origin") ? "origin" : all.count == 1 ? all.first : nil else {
      return nil
    }
    var remote: OpaquePointer?
    try GitError.check(
      git_remote_lookup(&remote, handle, name),
      "read the remote '\(name)' of '\(root)'"
    )
    defer { git_remote_free(remote) }
    return git_remote_url(remote).map { RemoteURL.withoutSecrets(String(cString: $0)) }
  }
}

/// A remote's address as it may be shown.
package enum RemoteURL {
  /// `https://user:token@host/path?x` is `https://host/path`, `git@host:path` is `host:path`; a
  /// path of this machine stays as it is.
  package static func withoutSecrets(_ url: String) -> String {
    if let scheme = url.ranges(of: "://").first {
      let rest = url[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
      let authority = rest.prefix { $0 != "/" }
      let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
      return String(url[..<scheme.upperBound] + host + rest[authority.endIndex...])
    }
    // The short form of ssh has a colon before any slash.
    let first = url.prefix { $0 != "/" }
    guard let colon = first.lastIndex(of: ":"), let at = first[..<colon].lastIndex(of: "@") else {
      return url
    }
    return String(url[url.index(after: at)...])
  }
}
