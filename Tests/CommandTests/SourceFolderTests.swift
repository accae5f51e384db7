import Foundation
import Primitives
import TestSupport
import Testing

/// Datasets that are folders of documents.
@Suite("Folders")
struct SourceFolderTests {
  private let project: GitProject

  init() throws {
    project = try GitProject()
    try project.folder.write("An article about trade.", to: "news/business/001.txt")
    try project.folder.write("An article about a match.", to: "news/sport/002.txt")
    try project.folder.write("not read", to: "news/.hidden/x.txt")
    try project.folder.write(
      "nodes:\n  news: {kind: dataset, format: text-folder, path: news}\n",
      to: "w.yaml"
    )
    try project.commit()
  }

  private func distill(_ arguments: String...) throws -> Distill.Result {
    try Distill.run(arguments[0], "w.yaml", "--json", in: project.path)
  }

  @Test("every file is pinned, hidden ones are not read, and the order is that of the names")
  func pinned() throws {
    let run = try distill("run")
    #expect(run.status == 0, "\(run.error)")
    let rows = try Distill.run("get", "last", "news", in: project.path).output.split(
      separator: "\n"
    )
    #expect(rows.count == 2)
    #expect(rows.first?.contains("An article about trade.") == true)
    let record = try Distill.run("show", "last", "--json", in: project.path).summary
    let paths = (record["files"]?.array ?? []).compactMap { $0["path"]?.string }
    #expect(
      paths.map { $0.split(separator: "/").suffix(2).joined(separator: "/") }
        == ["business/001.txt", "sport/002.txt"]
    )
    let inputs = (record["git"]?["inputs"]?.array ?? []).compactMap { $0["path"]?.string }
    #expect(inputs.contains("news/sport/002.txt"))
  }

  @Test("a file that is changed, added or renamed reads the folder again; the rest does not")
  func changes() throws {
    #expect(try distill("run").status == 0)
    func action() throws -> String? {
      try distill("plan").summary["instances"]?.array?.first?["action"]?.string
    }
    #expect(try action() == "reuse")
    try project.folder.write("changed", to: "news/.hidden/x.txt")
    #expect(try action() == "reuse")
    try project.folder.write("Another article about a match.", to: "news/sport/002.txt")
    #expect(try action() == "run")
    let explained = try Distill.run("explain", "w.yaml", "news", in: project.path)
    #expect(explained.output.contains("sport/002.txt"), "\(explained.output)")
  }

  @Test("a run of a folder is run again from its commit, whatever lies there now")
  func rerun() throws {
    #expect(try distill("run").status == 0)
    try project.folder.write("Another article.", to: "news/sport/002.txt")
    let again = try Distill.run("rerun", "last", "--fresh-all", in: project.path)
    #expect(again.status == 0, "\(again.output)\(again.error)")
  }

  @Test("a link in a folder is refused by its name")
  func link() throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(project.path)/news/link.txt",
      withDestinationPath: "/etc/hosts"
    )
    let check = try Distill.run("check", "w.yaml", in: project.path)
    #expect(check.status != 0)
    #expect(check.error.contains("'link.txt' in the folder"))
    #expect(check.error.contains("is a symbolic link"))
  }
}
