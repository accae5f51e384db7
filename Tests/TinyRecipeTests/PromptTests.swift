import Primitives
import Tasks
import TestSupport
import Testing
import tiny_recipe

/// The lessons ask as the library's templates do.
@Suite("Prompts")
struct PromptTests {
  @Test("every prompt is the library's, byte for byte", arguments: Family.allCases, Style.allCases)
  func words(family: Family, style: Style) throws {
    let library = TemplateLibrary(folders: ["\(ProjectFolder.path)/workflows/templates"])
    let task = family == .arithmetic ? "math" : "nli"
    let template = try library.load("\(task)/\(style)").prompt
    for exercise in family.dataset(.validation, rows: 20, seed: Family.shippedSeed) {
      let fields = exercise.fields.map { (key: $0.name, value: JSON.string($0.text)) }
      let record = Record(id: "1", fields: JSONObject(fields), label: exercise.label)
      let expected = ChatMessage(role: .user, content: family.prompt(exercise, style))
      #expect(try template.render(record) == [expected])
    }
  }
}
