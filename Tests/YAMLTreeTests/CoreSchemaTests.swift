import Testing
import YAMLTree

@Suite("Core schema of YAML 1.2")
struct CoreSchemaTests {
  /// Plain scalars with the type that they must have.
  private static let table: [(String, String)] = [
    ("no", "text"), ("yes", "text"), ("on", "text"), ("off", "text"), ("y", "text"),
    ("No", "text"), ("true", "true"), ("True", "true"), ("TRUE", "true"), ("tRue", "text"),
    ("false", "false"), ("False", "false"), ("FALSE", "false"),
    ("null", "null"), ("Null", "null"), ("NULL", "null"), ("~", "null"), ("", "null"),
    ("nil", "text"), ("none", "text"),
    ("0", "int 0"), ("12", "int 12"), ("012", "int 12"), ("-7", "int -7"), ("+7", "int 7"),
    ("-0", "int 0"), ("0o14", "int 12"), ("0o9", "text"), ("0x1f", "int 31"),
    ("0xFF", "int 255"), ("0b11", "text"), ("-0x1f", "text"), ("0x-1", "text"), ("0x", "text"),
    ("9223372036854775807", "int 9223372036854775807"),
    ("9223372036854775808", "number 9.223372036854775808e18"),
    ("1_000", "text"), ("1,000", "text"), ("12:30", "text"), ("12:30:45", "text"),
    ("2026-01-01", "text"), ("1.2.3", "text"), ("1 000", "text"),
    ("1.0", "number 1"), ("1.", "number 1"), (".5", "number 0.5"), ("-.5", "number -0.5"),
    ("1e3", "number 1000"), ("1E-3", "number 0.001"), ("1.5e+2", "number 150"),
    ("1e", "text"), ("e3", "text"), (".", "text"), ("-", "text"), ("+", "text"), ("..5", "text"),
    (".inf", "number inf"), ("-.INF", "number -inf"), ("+.Inf", "number inf"),
    ("inf", "text"), (".nan", "number nan"), (".NaN", "number nan"), ("NaN", "text"),
    ("5%", "text"), ("2e-5", "number 0.00002"), ("<<", "text"), ("１２", "text"),
  ]

  @Test("gives each plain scalar its type", arguments: table)
  func plain(scalar: String, expected: String) {
    switch CoreSchema.value(of: scalar) {
    case .null: #expect(expected == "null")
    case .bool(let value): #expect(expected == "\(value)")
    case .integer(let value): #expect(expected == "int \(value)")
    case .number(let value):
      let number = Double(expected.dropFirst("number ".count))
      #expect(expected.hasPrefix("number ") && (number == value || value.isNaN))
    case .text(let text):
      #expect(expected == "text")
      #expect(text == scalar)
    case .list, .map: Issue.record("a scalar became a collection")
    }
  }

  @Test("lets quotes and blocks be texts")
  func quoted() throws {
    let tree = try Marked("[\"12\", 'null', !!str 7, ! true, 12]").tree()
    #expect(tree.list?.prefix(4).map(\.text) == ["12", "null", "7", "true"])
    #expect(tree.list?.map(\.isQuoted) == [true, true, false, false, false])
    #expect(tree.list?.map(\.scalarText) == ["12", "null", "7", "true", "12"])
    #expect(try Marked("a: |\n  12\n").tree()["a"]?.text == "12\n")
  }
}
