import Foundation
import TestSupport
import Testing

/// The paper's tables as workflows, from a fresh clone: on the samples beside them.
@Suite("The paper's tables")
struct PaperTableTests {
  static let workflows = [
    "table-1-summarization", "table-2-cost", "table-3-conversation", "table-6-nlu",
    "table-7-complexity",
  ]

  /// A copy of what a clone has, so that nothing is saved in the project.
  private func clone() throws -> TemporaryFolder {
    let work = try TemporaryFolder()
    let source = "\(ProjectFolder.path)/workflows"
    for name in Self.workflows {
      try FileManager.default.copyItem(
        atPath: "\(source)/\(name).yaml",
        toPath: "\(work.path)/\(name).yaml"
      )
    }
    try FileManager.default.createDirectory(
      atPath: "\(work.path)/data",
      withIntermediateDirectories: true
    )
    try FileManager.default.copyItem(
      atPath: "\(source)/data/samples",
      toPath: "\(work.path)/data/samples"
    )
    return work
  }

  @Test("check and plan as they are", arguments: workflows)
  func checkAndPlan(name: String) throws {
    let work = try clone()
    let checked = try Distill.run("check", "\(name).yaml", in: work.path)
    // The prices are not dated: whoever runs it for money writes his own.
    #expect(!checked.error.contains("error: "), "\(checked.error)")
    #expect(checked.status == 0)
    let planned = try Distill.run(
      "plan",
      "\(name).yaml",
      "--json",
      "--cache",
      "\(work.path)/cache",
      in: work.path
    )
    #expect(planned.status == 0, "\(planned.error)")
  }

  /// By hand: (1,000 + 60) × 5.33 + 120 × 16 millionths of a dollar a summary, and so on.
  @Test("costs come out to the cent") func costs() throws {
    let work = try clone()
    let result = try Distill.run(
      "run",
      "table-2-cost.yaml",
      "--cache",
      "\(work.path)/cache",
      in: work.path
    )
    #expect(result.status == 0, "\(result.error)")
    #expect(
      try String(contentsOfFile: "\(work.path)/results/table-2.md", encoding: .utf8) == """
        **USD for a thousand summaries**

        | model | short prompt | chain of density |
        | --- | ---: | ---: |
        | llama-405b | 7.57 | 21.86 |
        | llama-70b | 3.27 | 6.94 |
        | llama-8b | 0.39 | 0.97 |

        """
    )
    for ending in ["csv", "tex", "html"] {
      #expect(FileManager.default.fileExists(atPath: "\(work.path)/results/table-2.\(ending)"))
    }
  }
}
