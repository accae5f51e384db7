import Diagnostics
import Primitives
import Testing
import Workflow

@Suite("Schema and reference")
struct SchemaTests {
  private static let schema = WorkflowSchema.json(TestKinds.language)

  @Test("know every kind with every field, its description and default")
  func kinds() throws {
    for kind in TestKinds.all {
      let definition = Self.schema["$defs"]?["kind-\(kind.name)"]
      #expect(definition?["description"] == .string(kind.doc))
      #expect(definition?["additionalProperties"] == false)
      #expect(definition?["properties"]?["kind"]?["const"] == .string(kind.name))
      for field in kind.fields {
        let property = try #require(definition?["properties"]?[field.name])
        #expect(property["description"] == .string(field.doc))
        #expect(property["default"] == field.defaultValue)
      }
      #expect(
        definition?["properties"]?["with"] != nil && definition?["properties"]?["each"] != nil
      )
    }
    let names = Self.schema["$defs"]?["node"]?["properties"]?["kind"]?["enum"]?.array
    #expect(names?.compactMap(\.string) == TestKinds.all.map { $0.name }.sorted())
  }

  @Test("point only to definitions that are there")
  func references() {
    func check(_ json: JSON) {
      if let target = json["$ref"]?.string {
        #expect(target.hasPrefix("#/$defs/"))
        #expect(Self.schema["$defs"]?[String(target.dropFirst("#/$defs/".count))] != nil)
      }
      for member in json.object?.members ?? [] { check(member.value) }
      for element in json.array ?? [] { check(element) }
    }
    check(Self.schema)
  }

  @Test("state types and bounds")
  func types() {
    let dataset = Self.schema["$defs"]?["kind-dataset"]?["properties"]
    let limit = dataset?["limit"]?["anyOf"]?.array
    #expect(limit?.first?["type"] == "integer")
    #expect(limit?.first?["minimum"] == 1)
    #expect(limit?.last?["pattern"] == #"\$\{"#)
    #expect(dataset?["format"]?["anyOf"]?.array?.first?["enum"] == ["csv", "jsonl"])
    #expect(dataset?["fields"]?["type"] == "object")
    let examples = Self.schema["$defs"]?["kind-select-template"]?["properties"]?["examples"]
    #expect(examples?["required"] == ["data", "rows"])
  }

  @Test("list all sections, fields and what is not there yet")
  func reference() {
    let text = WorkflowReference.markdown(TestKinds.language)
    for kind in TestKinds.all {
      #expect(text.contains("### `\(kind.name)`\n"))
      for field in kind.fields { #expect(text.contains("| `\(field.name)` |")) }
    }
    #expect(text.contains("| `examples.rows` | *a whole number from 0 to 100* | required |"))
    #expect(text.contains("| `skip` | *a whole number of at least 0* | `0` |"))
    #expect(text.contains("Not there yet: `url`."))
    #expect(text.contains("Kinds that later versions bring: `judge`."))
    #expect(text.hasSuffix(".") && !text.contains("\n\n\n"))
  }

  @Test("give a problem to programs")
  func problem() {
    let place = Location(file: "a.yaml", line: 2, column: 3, length: 4)
    let problem = Problem(
      "wrong",
      at: place,
      hint: "mend it",
      notes: [.init("here", at: place), .init("why")]
    )
    #expect(
      JSON.object(problem.json) == [
        "severity": "error", "message": "wrong", "file": "a.yaml", "line": 2, "column": 3,
        "length": 4, "hint": "mend it",
        "notes": [
          ["message": "here", "file": "a.yaml", "line": 2, "column": 3, "length": 4],
          ["message": "why"],
        ],
      ]
    )
    #expect(JSON.object(Problem("w", at: nil).json) == ["severity": "error", "message": "w"])
  }
}
