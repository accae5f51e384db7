import Foundation
import Store
import TestSupport
import Testing

/// docs/store.md is what other programs are written from: it must say what the databases are.
@Suite struct SpecificationTests {
  @Test(arguments: ["index", "ledger"])
  func theDocumentedTablesAreThoseOfTheDatabase(_ name: String) async throws {
    let test = try await TestStore()
    let sql = "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"
    let actual = normalized(try runSQLite("\(test.path)/\(name).sqlite", sql))
    let page = try String(contentsOfFile: "\(ProjectFolder.path)/docs/store.md", encoding: .utf8)
    let section = try #require(page.components(separatedBy: "## \(name).sqlite").dropFirst().first)
    let block = try #require(section.components(separatedBy: "```sql\n").dropFirst().first)
    let documented = try #require(block.components(separatedBy: "```").first)
    #expect(normalized(documented) == actual)
  }

  /// The statements without comments, their white space made one blank.
  private func normalized(_ sql: String) -> String {
    sql.split(separator: "\n")
      .map { $0.components(separatedBy: "--")[0] }
      .joined(separator: " ")
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
