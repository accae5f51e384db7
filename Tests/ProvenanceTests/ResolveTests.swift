import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

@Suite struct ResolveTests {
  private func refusal(_ git: GitFolder, _ name: String) throws -> RevisionError? {
    let repository = try git.repository()
    do throws(RevisionError) {
      _ = try repository.resolve(name)
      return nil
    } catch {
      return error
    }
  }

  @Test func everyWayToNameACommit() throws {
    let git = try GitFolder.withCommit()
    let first = try git.git("rev-parse", "HEAD")
    try git.git("tag", "plain")
    try git.git("tag", "-a", "-m", "Note", "noted")
    try git.git("tag", "-a", "-m", "Twice", "twice", "noted")
    try git.pin(["data.txt"], run: "20261121-021608-4f3a2b")
    try git.git("remote", "add", "origin", git.path)
    try git.git("fetch", "-q", "origin")
    try git.git("commit", "-q", "--allow-empty", "-m", "Second")
    let names: [(String, String?)] = [
      ("plain", "refs/tags/plain"), ("noted", "refs/tags/noted"), ("twice", "refs/tags/twice"),
      ("20261121-021608-4f3a2b", "refs/distill/runs/20261121-021608-4f3a2b"),
      ("origin/main", "refs/remotes/origin/main"), ("refs/tags/noted", "refs/tags/noted"),
      ("tags/noted", "refs/tags/noted"), ("HEAD~1", nil), ("main^", nil), (first, nil),
      (String(first.prefix(7)), nil), (first.uppercased(), nil),
    ]
    let repository = try git.repository()
    for (name, ref) in names {
      let revision = try repository.resolve(name)
      #expect(revision.commit == first, "\(name)")
      #expect(revision.ref == ref, "\(name)")
    }
    let second = try git.git("rev-parse", "HEAD")
    #expect(try repository.resolve("HEAD").commit == second)
    #expect(try repository.resolve("main").ref == "refs/heads/main")
  }

  @Test func anUnknownNameComesWithThoseThatThereAre() throws {
    let git = try GitFolder.withCommit()
    try git.git("tag", "v1.0")
    try git.pin(["data.txt"], run: "run-one")
    for name in ["mian", "v1.1", "0123456789abcdef0123456789abcdef01234567", "", "a b", "..", "@{"]
    {
      let error = try #require(try refusal(git, name))
      #expect(error.kind == .unknown, "\(name)")
      #expect(error.known == ["main", "run-one", "v1.0"])
      #expect(error.description.hasPrefix("'\(name)' names no commit"))
      #expect(error.hint?.contains("git fetch origin 'refs/distill/*:refs/distill/*'") == true)
    }
  }

  @Test func aFolderIsNoCommit() throws {
    let git = try GitFolder.withCommit()
    let error = try #require(try refusal(git, "HEAD:sub"))
    #expect(error.kind == .notACommit)
    #expect(error.description == "'HEAD:sub' names a tree, not a commit")
  }

  @Test func beforeTheFirstCommitHeadIsUnknown() throws {
    let git = try GitFolder()
    try git.git("init", "-q")
    #expect(try refusal(git, "HEAD")?.kind == .unknown)
  }

  @Test func aBranchAndATagOfOneNameHaveToAgree() throws {
    let git = try GitFolder.withCommit()
    try git.git("tag", "v1")
    try git.git("branch", "v1")
    #expect(try refusal(git, "v1") == nil)
    let further = try git.git("commit-tree", "-m", "Further", "HEAD^{tree}")
    try git.git("update-ref", "refs/heads/v1", further)
    let error = try #require(try refusal(git, "v1"))
    #expect(error.kind == .ambiguous)
    #expect(
      error.description
        == "'v1' is ambiguous: 'refs/tags/v1' and 'refs/heads/v1' are different commits"
    )
    #expect(try git.repository().resolve("refs/tags/v1").ref == "refs/tags/v1")
  }

  @Test func aShortIdOfSeveralCommitsIsRefused() throws {
    let git = try GitFolder.withCommit()
    // Enough commits for two to share four digits, whatever their ids.
    var stream = ""
    for number in 1...2000 {
      stream += "commit refs/heads/many\ncommitter T <t@example.org> \(number) +0000\ndata 0\n"
    }
    let file = try git.folder.write(stream, to: ".git/stream")
    try git.fastImport(file)
    let ids = try git.git("rev-list", "many").split(separator: "\n").map(String.init)
    let groups = Dictionary(grouping: ids) { String($0.prefix(4)) }
    let twins = try #require(groups.first { $0.value.count > 1 })
    let error = try #require(try refusal(git, twins.key))
    #expect(error.kind == .ambiguous)
    #expect(
      error.description
        == "'\(twins.key)' is ambiguous: \(twins.value.count) commits begin with it"
    )
    for id in twins.value.sorted().prefix(5) { #expect(error.hint?.contains(id) == true) }
  }
}

@Suite struct FilesTests {
  @Test func filesAreListedAsGitListsThem() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("x", to: "sub-a/x.txt")
    try git.folder.write("y", to: "sub.b")
    try git.link("link", to: "sub")
    try git.git("add", ".")
    try git.git("update-index", "--chmod=+x", "sub.b")
    try git.git("commit", "-q", "-m", "More")
    let head = try git.git("rev-parse", "HEAD")
    let lines = try git.repository().files(in: head).map { file in
      let modes: [TreeFile.Kind: String] = [
        .file: "100644", .executable: "100755", .link: "120000",
      ]
      return "\(modes[file.kind] ?? "?") blob \(file.id) \(file.size ?? -1)\t\(file.path)"
    }
    let expected = try git.git("ls-tree", "-r", "-l", "HEAD").split(separator: "\n").map { line in
      line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
    #expect(lines == expected)
  }

  @Test func oneFileIsReadAsItWouldBeCheckedOut() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.txt text eol=crlf\n", to: "sub/.gitattributes")
    try git.link("link.txt", to: "folder/more.txt")
    try git.link("folder", to: "sub")
    try git.link("out.txt", to: "../../etc/passwd")
    try git.link("loop", to: "loop")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Attributes")
    let head = try git.git("rev-parse", "HEAD")
    let repository = try git.repository()
    #expect(try repository.contents(of: "data.txt", in: head) == Array("one\n".utf8))
    #expect(try repository.contents(of: "./sub//more.txt", in: head) == Array("more\r\n".utf8))
    for name in ["none.txt", "sub", "out.txt", "loop", "data.txt/x", "../data.txt", ""] {
      #expect(try repository.contents(of: name, in: head) == nil, "\(name)")
    }
  }
}

@Suite struct RunRefTests {
  @Test func runsAreListedKeptAndDeleted() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    let second = try #require(try git.pin(["data.txt"], run: "b").commit)
    let head = try git.git("rev-parse", "HEAD")
    let repository = try git.repository()
    #expect(try repository.keep(head, forRun: "a") == "refs/distill/runs/a")
    #expect(
      try repository.runs() == [RunRef(id: "a", commit: head), RunRef(id: "b", commit: second)]
    )
    try git.git("pack-refs", "--all", "--prune")
    #expect(try repository.runs().map(\.id) == ["a", "b"])
    #expect(try repository.deleteRun("b"))
    #expect(try !repository.deleteRun("b"))
    #expect(try repository.runs().map(\.id) == ["a"])
    try git.git("gc", "-q", "--prune=now")
    #expect(try git.git("cat-file", "-t", second, at: "", orElse: "gone") == "gone")
    try git.check()
    #expect(throws: GitError.self) { _ = try git.repository().keep(second, forRun: "c") }
    #expect(throws: GitError.self) { _ = try git.repository().keep(head, forRun: "no good") }
  }

  @Test func historyIsWhatHeadCameFrom() throws {
    let git = try GitFolder.withCommit()
    let first = try git.git("rev-parse", "HEAD")
    try git.git("commit", "-q", "--allow-empty", "-m", "Second")
    try git.git("branch", "side", first)
    let aside = try git.git("commit-tree", "-p", first, "-m", "Aside", "\(first)^{tree}")
    let repository = try git.repository()
    #expect(try repository.history(has: first) == true)
    #expect(try repository.history(has: try git.git("rev-parse", "HEAD")) == true)
    #expect(try repository.history(has: aside) == false)
    #expect(try repository.history(has: String(repeating: "0", count: 40)) == nil)
    try git.git("clone", "-q", "--depth", "1", "file://\(git.path)", "flat")
    #expect(try git.repository("flat").history(has: first) == nil)
  }
}

extension GitFolder {
  /// Makes the commits of a stream that `git fast-import` reads.
  func fastImport(_ file: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "fast-import", "--quiet", "--force"]
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
