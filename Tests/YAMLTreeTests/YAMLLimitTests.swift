import Diagnostics
import Testing
import YAMLTree

@Suite("Limits of YAML")
struct YAMLLimitTests {
  @Test("keep a bomb of aliases from growing")
  func bomb() throws {
    var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let problem = try #require(Marked(text).problems().first)
    #expect(problem.message == "aliases add more than 10000 values")
    #expect(problem.location?.line == 5)
  }

  @Test("count aliases that stand side by side together")
  func cumulative() throws {
    let anchored = "a: &a [" + Array(repeating: "x", count: 99).joined(separator: ",") + "]\n"
    func text(_ count: Int) -> String {
      anchored + "b: [" + Array(repeating: "*a", count: count).joined(separator: ",") + "]\n"
    }
    #expect(try Marked(text(100)).tree()["b"]?.list?.count == 100)
    #expect(Marked(text(101)).problems().count == 1)
  }

  @Test("bound the depth", arguments: ["[", "{a: ", "- "])
  func depth(opening: String) throws {
    func text(_ depth: Int) -> String { String(repeating: opening, count: depth) }
    let deep = try #require(Marked(text(100_000)).problems().first)
    #expect(deep.message == "lists and maps are nested more than 64 deep")
    #expect(deep.location?.column == 64 * opening.count + 1)
    let close = opening == "[" ? "]" : opening == "{a: " ? "}" : ""
    let allowed = text(64) + "1" + String(repeating: close, count: 64)
    #expect(try Marked(allowed).tree().kindName != "nothing")
  }

  @Test("bound bytes, values and problems")
  func sizes() throws {
    var limits = YAMLLimits()
    limits.bytes = 10
    limits.nodes = 5
    limits.problems = 3
    #expect(
      Marked("a: 12345678").problems(limits: limits).map(\.message)
        == ["the file is larger than 10 bytes"]
    )
    limits.bytes = 1_000
    #expect(
      Marked("[1, 2, 3, 4, 5]").problems(limits: limits).map(\.message)
        == ["the file holds more than 5 values"]
    )
    limits.nodes = 1_000
    let tags = String(repeating: "- !t x\n", count: 50)
    #expect(Marked(tags).problems(limits: limits).count == 3)
  }

  @Test("let a scalar of a megabyte pass")
  func longScalar() throws {
    let text = String(repeating: "x", count: 1 << 20)
    #expect(try Marked("a: \(text)").tree()["a"]?.text?.utf8.count == 1 << 20)
  }
}
