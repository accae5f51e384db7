import Primitives
import Tasks
import Testing

/// Regular expressions as Python's `re` reads them; what is expected was printed by Python 3.11.
@Suite struct PatternTests {
  private func read(_ pattern: String, _ text: String, match: String = "first") throws -> String? {
    let json: JSON = ["as": "regex", "pattern": .string(pattern), "match": .string(match)]
    return try Reading(json: json).read(text, for: nil).value
  }

  @Test(arguments: [
    (#"#### (\-?[0-9\.\,]+)"#, "#### 1,2. #### 3", "1,2."),
    (#"The answer is (\-?[0-9\.\,]+)."#, "The answer is 42", "4"),
    ("(a|ab)(c|bcd)(d*)", "abcd", "a"),
    ("(?:a|ab)(c|bcd)", "abcd", "bcd"),
    ("(a+?)b", "aaab", "aaa"),
    ("x{2,3}", "xxxx", "xxx"),
    ("x{,2}", "xxx", "xx"),
    ("x{2,3}?", "xxxx", "xx"),
    ("x{a}", "x{a}", "x{a}"),
    ("(?:ab){2}", "ababab", "abab"),
    ("(?i)ANSWER", "aNſWER", "aNſWER"),
    ("(?i)[k]elvin", "\u{212A}elvin", "\u{212A}elvin"),
    ("(?s)a.c", "a\nc", "a\nc"),
    (#"\d+"#, "n\u{0663}\u{0664}", "\u{0663}\u{0664}"),
    (#"\w+"#, "½_é", "½_é"),
    (#"(?m)^b$"#, "a\nb\nc", "b"),
    (#"\bcat\b"#, "concat cat", "cat"),
    (#"\Bcat"#, "cat concat", "cat"),
    (#"q(?!u)."#, "quiet qat", "qa"),
    (#"(?<=\$)\d+"#, "5 $7", "7"),
    (#"(?<!\$)\b\d+"#, "$7 5", "5"),
    (#"[^]a]b"#, "]b cb", "cb"),
    (#"[\]\-x]+"#, "a]-x", "]-x"),
    (#"[a-c-]+"#, "xb-c", "b-c"),
    ("(?P<n>b)", "abc", "b"),
    ("(?i:a)B", "ab aB", "aB"),
    (#"\x41\u00e9"#, "Aé", "Aé"),
    ("a$", "b\na\n", "a"),
    ("((a)|b)*", "ab", "b"),
    ("(?#says nothing)a", "a", "a"),
  ])
  func findsWhatPythonFinds(pattern: String, text: String, found: String) throws {
    #expect(try read(pattern, text) == found)
  }

  @Test(arguments: [
    ("a.c", "a\nc"), (#"a\Z"#, "a\n"), ("(a*)*c", "aaab"), (#"^b"#, "a\nb"), (#"[^\d\s]"#, "1 2"),
    ("(?=a)b", "ab"), ("x{3}", "xx"),
  ])
  func findsNothingWherePythonDoes(pattern: String, text: String) throws {
    #expect(try read(pattern, text) == nil)
  }

  @Test func theLastOfAllMatchesIsFound() throws {
    #expect(try read("(-?[$0-9.,]{2,})|(-?[0-9]+)", "5-3", match: "last") == nil)
    #expect(try read("(?:-?[$0-9.,]{2,})|(?:-?[0-9]+)", "5-3", match: "last") == "-3")
    #expect(try read("a|ab", "ab ab", match: "last") == "a")
  }

  @Test(arguments: [
    ("(", "a '(' without its ')' at place 2"), (")", "a ')' without its '(' at place 1"),
    ("*a", "nothing stands before the repeat at place 1"),
    ("a**", "a repeat of a repeat needs a group at place 4"),
    (#"(a)\1"#, "back references are not read at place 5"),
    ("a++", "possessive repeats are not read at place 3"),
    ("[b-a]", "the range in the set has no end, or one before its start at place 5"),
    ("[a", "the pattern ends too early at place 3"),
    (#"\q"#, #"the escape '\q' is not known at place 3"#),
    ("(?<=a+)b", "what is looked for behind must have a fixed length at place 8"),
    ("(?x)a", "the flag 'x' is not read at place 4"),
    ("a{3,2}", "the bounds of the repeat are reversed at place 7"),
    ("a{9999}", "a repeat may be bounded by 1000 at most at place 8"),
    ("((a{1000}){1000})", "the pattern comes to more than 4096 steps at place 1"),
    ("(?=(a))", "a group inside of a look must be '(?:' at place 8"),
  ])
  func whatIsWrongWithAPatternIsSaid(pattern: String, what: String) {
    let json: JSON = ["as": "regex", "pattern": .string(pattern)]
    #expect(
      problems { _ = try Reading(json: json) }
        == ["the pattern '\(pattern)' is no regular expression: \(what)"]
    )
  }

  /// Patterns that make a matcher without memory try every way there is.
  @Test(arguments: [
    "(a*)*b", "(a|a)*b", "(a|aa)+b", "(?s)(?:.*.*)*=", "(x+x+)+y", "(?is)a(?!.*a\\s*:)b",
  ])
  func noPatternStalls(pattern: String) throws {
    let text = String(repeating: "a", count: 20_000)
    #expect(try read(pattern, text) == nil)
    #expect(try read(pattern, text, match: "last") == nil)
  }

  @Test func manyMatchesThatLookAheadToTheEndTakeNoSquare() throws {
    let text = String(repeating: "ANSWER: B\n", count: 10_000)
    let reading = try Reading(as: "inspect-answer-letter")
    #expect(reading.read(text, for: nil).value == "B")
  }
}
