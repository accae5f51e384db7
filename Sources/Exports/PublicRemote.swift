import Lineage

extension RecordedGit {
  /// The repository's address as others may be told: none that is a folder of somebody's machine,
  /// and none with a user name, password or query.
  var publicRemote: String? {
    guard let remote, !remote.hasPrefix("file:") else { return nil }
    if remote.contains("://") { return PublicModel.withoutUser(remote) }
    // The short form of ssh, `host:path`, has a colon before any slash; all else is a path.
    let host = remote.prefix { $0 != ":" && $0 != "/" }
    guard !host.isEmpty, remote[host.endIndex...].hasPrefix(":") else { return nil }
    let user = host.lastIndex(of: "@").map { remote.index(after: $0) } ?? remote.startIndex
    return String(remote[user...])
  }
}
