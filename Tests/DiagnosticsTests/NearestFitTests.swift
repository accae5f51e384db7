import Diagnostics
import Testing

@Suite("Nearest fit")
struct NearestFitTests {
  @Test(
    "offers what was probably meant",
    arguments: [
      ("distil", ["distill", "dataset"], "distill"),
      ("genrate", ["evaluate", "generate"], "generate"),
      ("praompt", ["prompt"], "prompt"),
      ("lables", ["labels", "tables"], "labels"),
      ("learning-rate", ["learning_rate"], "learning_rate"),
      ("Model", ["model"], "model"),
      ("temp", ["top_p", "temperature"], "temperature"),
      ("completions_node", ["completions"], "completions"),
      ("cta", ["cat", "dog"], "cat"),
    ] as [(String, [String], String)]
  )
  func near(word: String, candidates: [String], expected: String) {
    #expect(NearestFit.find(word, among: candidates) == expected)
  }

  @Test(
    "offers nothing where nothing is near",
    arguments: [
      ("xyzzy", ["labels", "prompt"]),
      ("a", ["b"]),
      ("", ["a"]),
      ("labels", ["labels"]),
      ("te", ["temperature"]),
      (String(repeating: "x", count: 100_000), ["xxx"]),
    ] as [(String, [String])]
  )
  func far(word: String, candidates: [String]) {
    #expect(NearestFit.find(word, among: candidates) == nil)
  }

  @Test("prefers the nearer, then the earlier candidate")
  func order() {
    #expect(NearestFit.find("labelz", among: ["label", "labels"]) == "label")
    #expect(NearestFit.find("labelz", among: ["labels", "label"]) == "labels")
    #expect(NearestFit.find("tran", among: ["training", "train"]) == "train")
  }

  @Test("is put as a question")
  func wording() {
    #expect(didYouMean("tain", among: ["train"]) == "did you mean 'train'?")
    #expect(didYouMean("tain", among: ["test"]) == nil)
    #expect(Wording.choice(["a", "b", "c"]) == "'a', 'b' or 'c'")
    #expect(Wording.all(["a"]) == "'a'")
    #expect(Wording.count(1, "entry", "entries") == "1 entry")
    #expect(Wording.count(0, "row") == "0 rows")
  }
}
