import Diagnostics
import Testing
import YAMLTree

@Suite("Positions in YAML")
struct YAMLPositionTests {
  @Test("are those of the tokens")
  func scalars() throws {
    let marked = Marked(
      """
      ‹name›: ‹"quoted text"›
      ‹list›: ‹[‹1›, ‹two words›]›
      """
    )
    let tree = try marked.tree()
    let entries = try #require(tree.map)
    #expect(entries[0].keyLocation == marked.places[0])
    #expect(entries[0].value.location == marked.places[1])
    #expect(entries[1].keyLocation == marked.places[2])
    #expect(entries[1].value.location == marked.places[3])
    #expect(entries[1].value.list?.map(\.location) == Array(marked.places[4...5]))
    #expect(tree.location == marked.places[0])
  }

  @Test("count scalars, whatever the line ends and the byte order mark")
  func encodings() throws {
    for ending in ["\n", "\r\n", "\r"] {
      let text = "\u{FEFF}日本: 🙂" + ending + ending + "e\u{301}: ab" + ending
      let tree = try YAMLLoader.load(Array(text.utf8), file: "t.yaml")
      let entries = try #require(tree.map)
      let places = entries.map { [$0.value.location.line, $0.value.location.column] }
      #expect(places == [[1, 5], [3, 5]])
    }
  }

  @Test("of what spans lines end with the first")
  func multiline() throws {
    let marked = Marked("a: ‹one›\n  two\nb: ‹{x: 1,›\n  y: 2}\nc:\n  ‹d›: 1\n")
    let entries = try #require(try marked.tree().map)
    #expect(entries.map(\.value.location) == marked.places)
    #expect(entries[0].value.text == "one two")
  }

  @Test("of an alias are those of what it repeats")
  func alias() throws {
    let tree = try Marked("a: &x {k: 1}\nb: *x\n").tree()
    #expect(tree["b"]?["k"]?.location == tree["a"]?["k"]?.location)
  }
}
