import Diagnostics
import Testing
import YAMLTree

@Suite("Problems in YAML")
struct YAMLProblemTests {
  @Test(
    "name what is wrong, point at it and say what to do",
    arguments: [
      ("a: 1\n‹a›: 2", "key 'a' is written twice", "keep one"),
      ("a: ‹!thing x›", "tag '!thing' cannot be used here", "quotes"),
      ("a: ‹!!int x›", "tag '!!int' cannot be used here", "quotes"),
      ("a: &x {b: 1}\nc: {‹<<›: *x}", "merge keys", "with:"),
      ("a: &x [‹*x›]", "inside of what it repeats", "cannot contain itself"),
      ("a: &base 1\nb: ‹*bse›", "nothing before this is anchored as '&bse'", "'base'"),
      ("a: *‹.›py", "expected a name behind '*'", "in quotes"),
      ("a: ‹*x›", "nothing before this is anchored", "quote a text"),
      ("? ‹[a, b]›\n: c", "a key is a list", "quote it"),
      ("{‹{a: 1}›: c}", "a key is a map", "quote it"),
      ("a: &x k\n? ‹*x›\n: c", "an alias cannot be a key", "write the key out"),
      ("a: 1\n‹---›\nb: 2", "a second document", "'---'"),
      ("a: ‹\"x\\0y\"›", "NUL", "remove"),
      ("‹›: value", "a key is missing", "write a name"),
      ("a: {b: ‹${rows}›}", "'${rows}' stands without quotes", "in quotes: \"${rows}\""),
      ("a:\n‹\t›b: 1", "a tab stands", "spaces"),
      ("a: ‹@x›", "a value cannot begin with '@'", "in quotes"),
      ("a: ‹`x›", "a value cannot begin with '`'", "in quotes"),
      ("a: b‹:› c", "a ': ' stands where no key can be", "in quotes"),
      ("a: {b: 1\nc‹:› 2", "expected ',' or '}' here", "close the bracket"),
      ("a: [b, c‹›", "expected ',' or ']' here", "close the bracket"),
      ("a: \"b‹›", "the file ends inside of quotes", "close the quotes"),
      ("a: \"‹\\›q\"", "unknown escape", "single quotes"),
      ("a: 1\n b‹:› 2", "a ': ' stands where no key can be", "indentation"),
      ("a: 1\n‹b›\nc: 2", "expected ':' after this key", "key: value"),
    ] as [(String, String, String)]
  )
  func single(text: String, message: String, hint: String) throws {
    let marked = Marked(text)
    let problem = try #require(marked.problems().first)
    #expect(problem.message.contains(message))
    #expect(problem.hint?.contains(hint) == true)
    #expect(problem.location?.line == marked.places.first?.line)
    #expect(problem.location?.column == marked.places.first?.column)
  }

  @Test("come all at once, in the order of their places")
  func many() {
    let marked = Marked(
      """
      a: {b: ‹${rows}›, c: ‹${x.y}›}
      d: ‹!t› 1
      ‹d›: 2
      e: [‹${z}›]
      f: "
      """
    )
    let problems = marked.problems()
    #expect(problems.count == 6)
    #expect(problems.prefix(5).map { $0.location?.line } == [1, 1, 2, 3, 4])
    #expect(problems.prefix(2).map(\.location) == Array(marked.places.prefix(2)))
  }

  @Test("point at both of two equal keys, which are compared as bytes")
  func twins() throws {
    let marked = Marked("‹a›: 1\nb: 2\n‹a›: 3")
    let problem = try #require(marked.problems().first)
    #expect(problem.location == marked.places[1])
    #expect(problem.notes.first?.location == marked.places[0])
    #expect(try Marked("e\u{301}: 1\n\u{E9}: 2").tree().map?.count == 2)
  }

  @Test("are found in bytes that are no text")
  func encoding() throws {
    func problems(_ bytes: [UInt8]) -> [Problem] {
      do throws(Problems) {
        _ = try YAMLLoader.load(bytes, file: "t.yaml")
        return []
      } catch { return error.all }
    }
    let invalid = try #require(problems(Array("a: é".utf8) + [0x20, 0xFF]).first)
    #expect(invalid.message == "the file is not UTF-8: found the byte 0xFF")
    #expect(invalid.location == Location(file: "t.yaml", line: 1, column: 6))
    #expect(problems([0xFF, 0xFE, 0x61, 0]).first?.message.contains("UTF-16") == true)
    #expect(problems([0xED, 0xA0, 0x80]).count == 1)
    #expect(problems([0xC0, 0xAF]).count == 1)
    #expect(problems(Array("a: b\u{2028}c".utf8)).first?.hint?.contains("\\u2028") == true)
    let control = problems(Array("a: \u{1}\nb: \u{0}".utf8))
    #expect(control.map(\.location?.line) == [1, 2])
    #expect(control.first?.message == "character U+0001 cannot stand in YAML as it is")
  }

  @Test("are not that a file is empty")
  func empty() throws {
    for text in ["", "\u{FEFF}", "# nothing\n", "---\n", "\n\n"] {
      guard case .null = try YAMLLoader.load(Array(text.utf8), file: "t.yaml").value else {
        Issue.record("'\(text)' is not null")
        continue
      }
    }
  }
}
