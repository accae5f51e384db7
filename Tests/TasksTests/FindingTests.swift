import Tasks
import TestSupport
import Testing

/// Where a record stands in its data file.
@Suite("Places of rows")
struct FindingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func places(
    _ ids: [String],
    _ text: String,
    _ format: String,
    fields: [(task: String, column: String)]? = nil
  ) throws -> [String: RowPlace] {
    let path = try folder.write(text, to: "rows.\(format)")
    let source = DatasetSource(path: path, format: format, fields: fields)
    let found = try DatasetLoader.places(of: Set(ids.map { Array($0.utf8) }), in: source)
    return Dictionary(
      uniqueKeysWithValues: found.map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    )
  }

  @Test("lines and rows are counted apart: empty lines are none")
  func lines() throws {
    let text = "\n{\"id\":\"a\",\"q\":1}\n\n{\"id\":\"b\",\"q\":2}\n"
    #expect(
      try places(["b", "a", "c"], text, "jsonl") == [
        "a": RowPlace(row: 1, line: 2), "b": RowPlace(row: 2, line: 4),
      ]
    )
  }

  @Test("in a table a quoted cell may hold line ends, and the header is no row")
  func table() throws {
    let text = "id,q\na,\"one\ntwo\"\nb,three\n"
    #expect(try places(["b"], text, "csv") == ["b": RowPlace(row: 2, line: 4)])
  }

  @Test("rows without ids go by their numbers, columns by the names that they are mapped from")
  func mapped() throws {
    let text = "{\"q\":1}\n{\"q\":2}\n"
    #expect(try places(["2"], text, "jsonl") == ["2": RowPlace(row: 2, line: 2)])
    let named = "{\"key\":\"x\",\"q\":1}\n{\"key\":\"y\",\"q\":2}\n"
    #expect(
      try places(["y"], named, "jsonl", fields: [("id", "key"), ("question", "q")]) == [
        "y": RowPlace(row: 2, line: 2)
      ]
    )
  }

  @Test("an id is known by its bytes")
  func bytes() throws {
    let composed = "{\"id\":\"\u{e9}\"}\n"
    #expect(try places(["e\u{301}"], composed, "jsonl").isEmpty)
    #expect(try places(["\u{e9}"], composed, "jsonl").count == 1)
  }
}
