import Diagnostics
import Testing

@Suite("Printing of problems")
struct ProblemPrinterTests {
  private func print(_ source: String, _ problems: Problem..., color: Bool = false) -> String {
    ProblemPrinter(color: color) { $0 == "plan.yaml" ? Array(source.utf8) : nil }
      .text(of: problems)
  }

  private func at(_ line: Int, _ column: Int, _ length: Int = 1) -> Location {
    Location(file: "plan.yaml", line: line, column: column, length: length)
  }

  @Test("shows place, line, caret and hint")
  func whole() {
    let text = print(
      "nodes:\n  a:\n    kind: distil\n",
      Problem(
        "unknown node kind 'distil'",
        at: at(3, 11, 6),
        hint: "did you mean 'distill'?"
      )
    )
    #expect(
      text == """
        plan.yaml:3:11: error: unknown node kind 'distil'
         3 |     kind: distil
           |           ^^^^^^
           hint: did you mean 'distill'?

        """
    )
  }

  @Test("shows notes with their own lines, and those without a place indented")
  func notes() {
    let text = print(
      "a: 1\na: 2",
      Problem(
        "key 'a' is written twice",
        at: at(2, 1),
        severity: .warning,
        notes: [.init("first written here", at: at(1, 1)), .init("keys are compared as bytes")]
      )
    )
    #expect(
      text == """
        plan.yaml:2:1: warning: key 'a' is written twice
         2 | a: 2
           | ^
        plan.yaml:1:1: note: first written here
         1 | a: 1
           | ^
           note: keys are compared as bytes

        """
    )
  }

  @Test("needs neither a place nor the source")
  func bare() {
    #expect(
      print("", Problem("no such run", at: nil, hint: "see 'distill runs'"))
        == "error: no such run\n  hint: see 'distill runs'\n"
    )
    let elsewhere = Location(file: "other.yaml", line: 4, column: 2)
    #expect(print("", Problem("odd", at: elsewhere)) == "other.yaml:4:2: error: odd\n")
  }

  @Test(
    "puts the caret under the token whatever stands before it",
    arguments: [
      ("\tkey: x", 7, 1, " 1 |     key: x\n   |          ^\n"),
      ("日本: wrong", 5, 5, " 1 | 日本: wrong\n   |       ^^^^^\n"),
      ("e\u{301}: x", 5, 1, " 1 | e\u{301}: x\n   |    ^\n"),
      ("x: 日本", 4, 2, " 1 | x: 日本\n   |    ^^^^\n"),
      ("🙂: x", 4, 1, " 1 | 🙂: x\n   |     ^\n"),
      ("a: b", 9, 3, " 1 | a: b\n   |     ^\n"),
      ("", 1, 1, " 1 |\n   | ^\n"),
    ] as [(String, Int, Int, String)]
  )
  func carets(source: String, column: Int, length: Int, excerpt: String) {
    #expect(print(source, Problem("p", at: at(1, column, length))).hasSuffix(excerpt))
  }

  @Test("cuts a long line around the token")
  func longLine() {
    let source =
      String(repeating: "a", count: 1_000) + "HERE" + String(repeating: "b", count: 1_000)
    let lines = print(source, Problem("p", at: at(1, 1_001, 4))).split(separator: "\n")
    #expect(lines[1].count == 5 + 161)
    #expect(lines[1].hasPrefix(" 1 | …aaa") && lines[1].hasSuffix("b…"))
    let caret = lines[2].distance(
      from: lines[2].startIndex,
      to: lines[2].firstIndex(of: "^") ?? lines[2].endIndex
    )
    #expect(lines[1].dropFirst(caret).hasPrefix("HEREb"))
    #expect(lines[2].hasSuffix(" ^^^^"))
  }

  @Test("cuts a message that nobody would read, and shows no line of megabytes")
  func hugeTexts() {
    let huge = String(repeating: "x", count: 1 << 20)
    let text = print(huge, Problem(huge, at: at(1, 5), hint: huge))
    #expect(text.split(separator: "\n").map(\.count) == [22 + 1_001, 9 + 1_001])
  }

  @Test("lets no control character of the user through")
  func control() {
    let text = print(
      "a: \u{1B}[2J\u{202E}b",
      Problem("odd '\u{1B}]0;x\u{7}\n'", at: at(1, 4, 4), hint: "\u{85}\u{7F}")
    )
    #expect(
      text == """
        plan.yaml:1:4: error: odd '␛]0;x␇␊'
         1 | a: ␛[2J<U+202E>b
           |    ^^^^
           hint: <U+0085>␡

        """
    )
  }

  @Test(
    "shows no secret",
    arguments: [
      ("{api_key: sk-1, model: m}", "{api_key: ••••, model: m}"),
      ("api_key: 'top secret'", "api_key: '••••••••••'"),
      ("api_key:", "api_key:"),
      ("{api_key: {env: KEY}}", "{api_key: {env: KEY}}"),
      ("\"password\": abc", "\"password\": •••"),
      ("{max_tokens: 5, token: x}", "{max_tokens: 5, token: •}"),
      ("a: sk-abcdefghijkl b", "a: ••••••••••••••• b"),
      ("task-oriented-dialogues", "task-oriented-dialogues"),
      ("u: https://me:word@example.net/v1@x", "u: https://•••••••@example.net/v1@x"),
      ("u: https://example.net/@me", "u: https://example.net/@me"),
    ] as [(String, String)]
  )
  func secrets(source: String, shown: String) {
    #expect(print(source, Problem("p", at: at(1, 1))).contains(" 1 | \(shown)\n"))
  }

  @Test("cuts lines at LF, CRLF and CR")
  func lineEnds() {
    for ending in ["\n", "\r\n", "\r"] {
      let source = ["one", "two", "three"].joined(separator: ending)
      #expect(print(source, Problem("p", at: at(2, 1, 3))).contains(" 2 | two\n   | ^^^\n"))
      #expect(print(source, Problem("p", at: at(3, 1, 5))).contains(" 3 | three\n"))
    }
    #expect(print("\u{FEFF}key: x", Problem("p", at: at(1, 1, 3))).contains(" 1 | key: x\n"))
  }

  @Test("colours only when told to")
  func color() {
    let problem = Problem("p", at: at(1, 1), hint: "h", notes: [.init("n")])
    #expect(!print("a", problem).contains("\u{1B}"))
    let colored = print("a", problem, color: true)
    #expect(colored.contains("\u{1B}[1;31merror:\u{1B}[0m"))
    #expect(colored.contains("\u{1B}[1;36mhint:\u{1B}[0m"))
  }

  @Test("sums up")
  func summary() {
    let warning = Problem("w", at: nil, severity: .warning)
    let error = Problem("e", at: nil)
    #expect(ProblemPrinter.summary(of: [error, error, warning]) == "2 errors, 1 warning")
    #expect(ProblemPrinter.summary(of: [error]) == "1 error")
    #expect(ProblemPrinter.summary(of: []) == "")
  }
}
