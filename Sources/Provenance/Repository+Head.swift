import CGit2

/// What a repository stands on.
package struct Head: Hashable, Sendable {
  /// The commit's id in hexadecimal; nil before the first commit.
  package let commit: String?
  /// The branch, without `refs/heads/`; nil where HEAD names a commit itself.
  package let branch: String?
}

extension Repository {
  package func head() throws(GitError) -> Head {
    Head(commit: try headCommit(), branch: try headBranch())
  }

  private func headCommit() throws(GitError) -> String? {
    var id = git_oid()
    let code = git_reference_name_to_id(&id, handle, "HEAD")
    // Before the first commit HEAD names a branch that is not there.
    if code == GIT_ENOTFOUND.rawValue || code == GIT_EUNBORNBRANCH.rawValue { return nil }
    try GitError.check(code, "read HEAD of '\(root)'")
    return id.hex
  }

  private func headBranch() throws(GitError) -> String? {
    var reference: OpaquePointer?
    try GitError.check(
      git_reference_lookup(&reference, handle, "HEAD"),
      "read HEAD of '\(root)'"
    )
    defer { git_reference_free(reference) }
    guard let target = git_reference_symbolic_target(reference) else { return nil }
    let name = String(cString: target)
    let prefix = "refs/heads/"
    return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
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

extension git_oid {
  /// 40 lowercase hexadecimal digits.
  var hex: String {
    withUnsafePointer(to: self) { pointer in
      var buffer = [CChar](repeating: 0, count: Int(GIT_OID_HEXSZ))
      git_oid_fmt(&buffer, pointer)
      return String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
