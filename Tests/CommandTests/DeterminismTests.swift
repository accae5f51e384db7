import Foundation
import TestSupport
import Testing

/// The same workflow gives the same bytes: in another folder, on another cache, with another number
/// of steps at once.
@Suite("Determinism")
struct DeterminismTests {
  @Test("the quickstart, twice: every object of every instance is the same")
  func quickstart() throws {
    let one = try TemporaryFolder()
    let other = try TemporaryFolder()
    let folders = [(path: one.path, jobs: "1"), (path: "\(other.path)/deeper/down", jobs: "4")]
    let runs = try folders.map { folder in
      try Self.copyQuickstart(to: folder.path)
      return try Self.start(folder.path, jobs: folder.jobs)
    }
    for run in runs {
      run.process.waitUntilExit()
      let error = try run.outputs.read("err")
      try #require(run.process.terminationStatus == 0, "\(error)")
    }

    let digests = try folders.map { try Outputs.digests(ofRunIn: $0.path) }
    #expect(digests[0].count > 40)
    #expect(digests[0]["table/table.md"] != nil)
    #expect(digests[0] == digests[1])
    let tables = try folders.map { folder in
      try ["md", "csv"].map {
        try Data(contentsOf: file("results/quickstart.\($0)", in: folder.path))
      }
    }
    #expect(tables[0] == tables[1])

    for folder in folders {
      let again = try Self.start(folder.path, jobs: "2")
      again.process.waitUntilExit()
      let result = Distill.Result(
        status: again.process.terminationStatus,
        output: try again.outputs.read("out"),
        error: ""
      )
      #expect(result.status == 0)
      #expect(result.count("ran") == 0)
      #expect(result.calls("made") == 0)
      #expect(try Outputs.digests(ofRunIn: folder.path) == digests[0])
    }
  }

  private static func copyQuickstart(to folder: String) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["quickstart.yaml", "data"] {
      try files.copyItem(
        atPath: "\(ProjectFolder.path)/workflows/\(name)",
        toPath: "\(folder)/\(name)"
      )
    }
  }

  private static func start(
    _ folder: String,
    jobs: String
  ) throws -> (process: Process, outputs: TemporaryFolder) {
    try Distill.start(
      [
        "run", "quickstart.yaml", "--set", "train_rows=40", "--set", "test_rows=40", "--jobs", jobs,
        "--json",
      ],
      in: folder
    )
  }

  private func file(_ name: String, in folder: String) -> URL {
    URL(fileURLWithPath: "\(folder)/\(name)")
  }
}
