import Foundation
import TestSupport
import Testing

@Suite("Generated documents")
struct ReferenceTests {
  @Test("the reference in docs is what the declarations say")
  func reference() throws {
    let file = "\(ProjectFolder.path)/docs/workflow-reference.md"
    let written = try String(contentsOfFile: file, encoding: .utf8)
    let result = try Distill.run("schema", "--markdown", in: ProjectFolder.path)
    #expect(result.status == 0)
    #expect(
      result.output == written,
      "write it again: 'distill schema --markdown > docs/workflow-reference.md'"
    )
  }
}
