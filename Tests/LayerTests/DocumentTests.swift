import Testing

@Suite("Documents")
struct DocumentTests {
  private static func pages() throws -> [MarkdownPage] {
    try Project.tracked(".md").map { MarkdownPage(try Project.read($0), path: $0) }
  }

  /// A file's text; for a folder the empty text, so that links may lead to folders.
  private static func text(of path: String) -> String? {
    Project.exists(path) ? (try? Project.read(path)) ?? "" : nil
  }

  @Test("every link in a document leads somewhere")
  func links() throws {
    let pages = try Self.pages()
    #expect(pages.contains { $0.path == "README.md" })
    #expect(pages.flatMap { $0.brokenLinks(Self.text) } == [])
  }

  @Test("every file that a document names is there")
  func namedFiles() throws {
    let missing = try Self.pages().flatMap { page in
      page.namedFiles.filter { !Project.exists($0.path) }.map { line, path in
        "\(page.path):\(line): names '\(path)', which is not there"
      }
    }
    #expect(missing == [])
  }

  @Test("links that lead nowhere are found")
  func broken() {
    let page = MarkdownPage(
      """
      # The page
      [here](#the-page) [there](../docs/b.md#part-two) [web](https://example.org/x)
      ```
      [in code](nowhere.md)
      ```
      [gone](c.md) [no part](b.md#part-three)
      """,
      path: "docs/a.md"
    )
    let found = page.brokenLinks { path in
      switch path {
      case "docs/a.md": "# The page"
      case "docs/b.md": "## Part, two"
      default: nil
      }
    }
    #expect(
      found == [
        "docs/a.md:6: links to 'c.md', and there is no 'docs/c.md'",
        "docs/a.md:6: links to 'b.md#part-three', and 'docs/b.md' has no heading 'part-three'",
      ]
    )
  }
}
