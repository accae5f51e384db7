// TestSupport: what the tests of several modules share. It tests nothing itself.

import Foundation

/// A folder of its own for one test, removed when the test lets go of it.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws {
    let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    path = "\(base)/distill-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: path,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, making the folders above it; returns its path.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(text.utf8).write(to: url)
    return url.path
  }

  package func read(_ name: String) throws -> String {
    String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")),
      as: UTF8.self
    )
  }
}

/// Where the real data sets are, if they are on this machine at all.
///
/// `DISTILL_SHARED_DATA` names the folder; the default is `../shared/data` beside the project.
package enum SharedData {
  package static let path: String? = {
    let named = ProcessInfo.processInfo.environment["DISTILL_SHARED_DATA"]
    let path = named ?? "\(ProjectFolder.path)/../shared/data"
    return FileManager.default.fileExists(atPath: "\(path)/README.md") ? path : nil
  }()
}

/// The project's own folder, found from where this file was compiled.
package enum ProjectFolder {
  package static let path: String = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
}
