import Diagnostics
import Primitives
import Testing
import YAMLTree

@Suite("Any bytes")
struct YAMLFuzzTests {
  private static let corpus: [String] = [
    """
    models:
      teacher: {base_url: "https://example.net/v1", api_key: {env: KEY}, price: {input: 5.33}}
    matrix:
      style: [vanilla, cot]
      dataset: {gsm8k: {task: math, train: {path: a.jsonl}}, help: &h {task: nli}}
    nodes:
      train: {kind: dataset, with: dataset.train, limit: "${rows}", shuffle: 7}
      text: |
        a block
          of text
      folded: >-
        and a
        folded one
      twice: *h
    """,
    "%YAML 1.2\n---\n- ? k\n  : v\n- !!str 'it''s'\n- \"\\x41\\u00e9\\U0001F642\"\n- ~\n...\n",
    "a: [1, 0o17, 0x1f, 1e3, .inf, -.nan]\r\nb:\r\n  - x\r\n  - {y: [[], {}]}\r\n",
    "日本: 🙂 # comment\né: 'e\u{301}'\n",
  ]

  private static let snippets: [[UInt8]] = [
    "*h", "&h ", "<<: ", "!t ", "${x}", "\t", "\u{FEFF}", "---\n", "...\n", "|\n", ">2\n", "? ",
    ": ", "- ", "{", "}", "[", "]", "\"", "'", "#", "%", "@", "\\", "\u{85}", "\u{2028}",
  ].map { Array($0.utf8) }

  @Test("give a tree or problems whose places lie in the text, never a trap")
  func mutations() {
    var random = SeededGenerator(seed: 18)
    for round in 0..<5_000 {
      let seed = Array(Self.corpus[round % Self.corpus.count].utf8)
      let bytes = Self.mutate(seed, with: &random)
      let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
      do throws(Problems) {
        _ = try YAMLLoader.load(bytes, file: "t.yaml")
      } catch {
        #expect(!error.all.isEmpty)
        for problem in error.all {
          let line = problem.location?.line ?? 0
          #expect((1...lines).contains(line), "seed 18, round \(round)")
        }
        // The printer must bear the same bytes.
        #expect(!ProblemPrinter { _ in bytes }.text(of: error.all).isEmpty)
      }
    }
  }

  private static func mutate(_ seed: [UInt8], with random: inout SeededGenerator) -> [UInt8] {
    var bytes = seed
    for _ in 0...random.below(6) {
      let place = random.below(bytes.count + 1)
      switch random.below(6) {
      case 0 where !bytes.isEmpty: bytes[random.below(bytes.count)] = UInt8(random.below(256))
      case 1: bytes.removeSubrange(min(place, bytes.count)..<min(place + 9, bytes.count))
      case 2: bytes.insert(contentsOf: snippets[random.below(snippets.count)], at: place)
      case 3: bytes.insert(contentsOf: bytes.dropFirst(place).prefix(random.below(40)), at: place)
      case 4: bytes.removeLast(min(bytes.count, random.below(20)))
      default: bytes.insert(UInt8(random.below(128)), at: place)
      }
    }
    return bytes
  }
}
