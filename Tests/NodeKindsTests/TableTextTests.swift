import Execution
import NodeKinds
import Primitives
import Testing
import Workflow

/// Names are data: no markup, no formula, no broken line of theirs may act.
@Suite struct TableTextTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  private func table(heading: String) async throws -> Made {
    let summary: JSON = ["metrics": ["accuracy": ["n": 1, "figures": ["all": ["value": 0.5]]]]]
    return try await kitchen.run(
      "{kind: table, columns: [scores]}",
      inputs: [
        (
          "columns.\(heading)[0]",
          InputArtifact(
            artifact: try await kitchen.artifact(.scores, [(Part.summary, summary)]),
            instance: InstanceID("scores"),
            point: MatrixPoint(),
            output: nil
          )
        )
      ]
    )
  }

  private func expectHead(_ heading: String, _ escaped: String) async throws {
    let lines = try await table(heading: heading).text(Part.markdown).split(separator: "\n")
    #expect(lines.first.map(String.init) == "| \(escaped) |")
    #expect(lines.count == 3)
  }

  @Test(
    arguments: [
      ("a|b", "a\\|b"), ("<b>x", "&lt;b>x"), ("two\nlines", "two lines"),
      ("two\r\nlines", "two  lines"),
    ])
  func markdownIsEscaped(_ heading: String, _ escaped: String) async throws {
    try await expectHead(heading, escaped)
  }

  @Test func aBackslashDoesNotFreeTheBarBehindIt() async throws {
    try await expectHead("a\\|b", "a\\\\\\|b")
  }

  private func expectField(_ heading: String, _ quoted: String) async throws {
    let text = try await table(heading: heading).text(Part.csv)
    let expected = "row,column,value,deviation,low,high,n,marked\r\n,\(quoted),0.5,,,,1,\r\n"
    #expect(Array(text.utf8) == Array(expected.utf8))
  }

  @Test(
    arguments: [
      ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""),
      ("two\r\nlines", "\"two\r\nlines\""), ("=1+1", "\"=1+1\""), ("+x", "\"+x\""),
      ("-x", "\"-x\""),
      ("@x", "\"@x\""), ("=A1,B1", "\"=A1,B1\""), ("-5", "-5"),
    ])
  func csvIsQuotedAndFormulasStayWhatTheyAre(_ heading: String, _ quoted: String) async throws {
    try await expectField(heading, quoted)
  }

  @Test(
    arguments: [
      ("two\nlines", "\"two\nlines\""), ("a\rb", "\"a\rb\""), ("\"\u{301}", "\"\"\"\u{301}\""),
      ("=\u{338}1", "\"=\u{338}1\""), ("\t=1", "\"\t=1\""),
    ])
  func csvGoesByBytesNotByCharacters(_ heading: String, _ quoted: String) async throws {
    try await expectField(heading, quoted)
  }

  private static let hostile = "a&b %c $d #e _f {g} ~h ^i \\j <k> |l \"m 'n `o [p] *q -r"

  @Test func inLaTeXNoCharacterActs() async throws {
    let text = try await table(heading: Self.hostile).text(Part.latex)
    let expected =
      ##"    a\&b \%c \$d \#e \_f \{g\} \textasciitilde{}h \textasciicircum{}i "##
      + ##"\textbackslash{}j \textless{}k\textgreater{} \textbar{}l {\char34}m 'n "##
      + ##"\textasciigrave{}o {[}p{]} {*}q {-}r \\"##
    #expect(text.split(separator: "\n").map(String.init).contains(expected))
  }

  @Test(arguments: ["two\nlines", "two\r\nlines", "a\u{0}b"])
  func inLaTeXALineStaysOne(_ heading: String) async throws {
    let lines = try await table(heading: heading).text(Part.latex).split(separator: "\n")
    let head = try #require(lines.firstIndex(of: "    \\toprule")) + 1
    #expect(lines[head].hasSuffix(" \\\\"))
    #expect(lines[head + 1] == "    \\midrule")
  }

  @Test func inHTMLNoCharacterActs() async throws {
    let text = try await table(heading: Self.hostile).text(Part.html)
    #expect(
      text.contains(
        "<th scope=\"col\">a&amp;b %c $d #e _f {g} ~h ^i \\j &lt;k&gt; |l &quot;m &#39;n `o [p] *q "
          + "-r</th>"
      )
    )
  }

  @Test func inMarkdownNoCharacterActs() async throws {
    try await expectHead(
      Self.hostile,
      "a&amp;b %c \\$d #e \\_f {g} \\~h ^i \\\\j &lt;k> \\|l \"m 'n \\`o \\[p\\] \\*q -r"
    )
  }
}
