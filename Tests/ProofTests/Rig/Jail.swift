import Foundation
import Primitives
import TestSupport

/// A project, and a folder beside it that no output may get into.
struct Jail {
  let project: Project
  /// The user's home too, for paths with `~`.
  let outside: TemporaryFolder
  let server: TollServer
  private let before: [String: String]

  /// How the folder is named from the project's.
  var way: String { "../\(URL(fileURLWithPath: outside.path).lastPathComponent)" }

  init(_ server: TollServer, rows: Int = 2) throws {
    self.server = server
    project = try Project(rows: rows)
    outside = try TemporaryFolder()
    for name in ["secret", "secret.md", "secret.csv", "folder/secret.md"] {
      try outside.write("outside\n", to: name)
    }
    before = try Self.state(of: outside.path)
  }

  /// Runs the tool in the project.
  func run(_ arguments: String...) throws -> Tool.Result {
    try Tool.run(arguments, in: project.path, environment: ["HOME": outside.path])
  }

  func start(_ arguments: String...) throws -> Running {
    try Tool.start(arguments, in: project.path, environment: ["HOME": outside.path])
  }

  /// What outside is not as it was.
  func changes() throws -> [String] {
    let now = try Self.state(of: outside.path)
    return Set(before.keys).union(now.keys).filter { before[$0] != now[$0] }.sorted()
  }

  /// Kind, mode and bytes of everything below a folder, links not followed.
  private static func state(of folder: String) throws -> [String: String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).reduce(into: [:]) { state, path in
      var facts = stat()
      guard lstat("\(folder)/\(path)", &facts) == 0 else { return }
      let isFile = facts.st_mode & S_IFMT == S_IFREG
      let bytes = isFile ? FileManager.default.contents(atPath: "\(folder)/\(path)") : nil
      state[path] = "\(facts.st_mode) \(bytes.map { Digest(of: Array($0)).hex } ?? "-")"
    }
  }
}
