import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

@Suite struct RestoreTests {
  private func restore(
    _ git: GitFolder,
    _ commit: String = "HEAD",
    expecting: [String: Digest] = [:],
    selecting: (String) -> Bool = { _ in true }
  ) throws -> (tree: RestoredTree, folder: TemporaryFolder) {
    let folder = try TemporaryFolder()
    let repository = try git.repository()
    let revision = try repository.resolve(commit)
    let tree = try repository.restore(
      revision.commit,
      to: "\(folder.path)/x",
      expecting: expecting,
      selecting: selecting
    )
    return (tree, folder)
  }

  @Test func aTreeIsWrittenAsGitChecksItOut() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.txt text eol=crlf\n*.id ident\n", to: ".gitattributes")
    try git.folder.write("*.txt -text\n", to: "sub/.gitattributes")
    try git.folder.write("$Id$\n", to: "a.id")
    try git.folder.write("#!/bin/sh\n", to: "sub/deep/run.sh")
    try git.folder.write("", to: "sub/empty.txt")
    try git.folder.write("name", to: "sub/ü ö\\ß.txt")
    try git.link("link", to: "sub/deep")
    try git.link("sub/up.txt", to: "../data.txt")
    try git.git("add", ".")
    try git.git("update-index", "--chmod=+x", "sub/deep/run.sh")
    try git.git("commit", "-q", "-m", "All")
    // The worktree's own attributes have no say.
    try git.folder.write("* -text -ident\n", to: ".gitattributes")
    let (tree, folder) = try restore(git)
    #expect(tree.refused == [])
    try git.git("worktree", "add", "-q", "--detach", "\(folder.path)/checkout", "HEAD")
    try FileManager.default.removeItem(atPath: "\(folder.path)/checkout/.git")
    #expect(try git.listing("\(folder.path)/x") == (try git.listing("\(folder.path)/checkout")))
    try git.git("diff", "--no-index", "\(folder.path)/x", "\(folder.path)/checkout")
    #expect(try folder.read("x/data.txt") == "one\r\n")
    #expect(tree.files.sorted() == tree.files)
    #expect(tree.files.count == 10)
  }

  @Test func linksThatLeadOutAreRefused() throws {
    let git = try GitFolder.withCommit()
    let other = try TemporaryFolder()
    let bad = [
      "absolute": "\(other.path)/x", "up": "../x", "sub/up": "../../x", "sub/over": "deep/../../..",
      "self": "sub/../../x", "git": ".git/config",
    ]
    try git.folder.write("x", to: "sub/deep/x.txt")
    for (name, target) in bad { try git.link(name, to: target) }
    try git.link("good", to: "sub/deep")
    try git.link("sub/good", to: "../data.txt")
    try git.link("nowhere", to: "not/there")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Links")
    let (tree, folder) = try restore(git)
    #expect(Set(tree.refused.map(\.path)) == Set(bad.keys))
    #expect(try folder.read("x/good/x.txt") == "x")
    #expect(try folder.read("x/sub/good") == "one\n")
    #expect(tree.files.contains("nowhere"))
  }

  /// Trees that git itself would not make, entry by entry.
  @Test func namesThatLeadElsewhereAreRefused() throws {
    let git = try GitFolder.withCommit()
    let blob = try git.git("rev-parse", "HEAD:data.txt")
    let folder = try git.git("rev-parse", "HEAD:sub")
    let commit = try git.commitTree([
      ("100644", "ok.txt", blob), ("100644", "line\nend", blob), ("100644", "tab\there", blob),
      ("100644", "..", blob), ("40000", ".", folder), ("40000", ".git", folder),
      ("100644", ".GIT", blob), ("100644", "g\u{200c}it", blob), ("100644", ".g\u{200c}it", blob),
      ("100644", "git~1", blob), ("100644", "a/b", blob), ("40000", "down", folder),
      ("100644", String(repeating: "n", count: 4096), blob), ("100644", "bad\u{7f}", blob),
    ])
    let (tree, target) = try restore(git, commit)
    #expect(tree.files == ["ok.txt", "g\u{200c}it", "down/more.txt"])
    #expect(tree.refused.count == 11)
    #expect(
      try git.listing(target.path) == [
        "x", "x/down", "x/down/more.txt", "x/g\u{200c}it", "x/ok.txt",
      ]
    )
  }

  @Test func twinsAreRefusedBoth() throws {
    let git = try GitFolder.withCommit()
    let blob = try git.git("rev-parse", "HEAD:data.txt")
    let folder = try git.git("rev-parse", "HEAD:sub")
    let commit = try git.commitTree([
      ("100644", "README", blob), ("100644", "ReadMe", blob), ("40000", "sub", folder),
      ("120000", "SUB", blob), ("100644", "u\u{308}", blob), ("100644", "\u{fc}", blob),
      ("100644", "twice", blob), ("100644", "twice", blob), ("100644", "single", blob),
    ])
    let (tree, _) = try restore(git, commit)
    #expect(tree.files == ["single"])
    #expect(tree.refused.count == 8)
    #expect(tree.refused.allSatisfy { $0.reason.contains("differs only in case") })
  }

  @Test func nothingIsWrittenThroughALink() throws {
    let git = try GitFolder.withCommit()
    let other = try TemporaryFolder()
    let (tree, folder) = try restore(git)
    // Somebody puts a link where a file belongs, and one where a folder does.
    let name = "\(folder.path)/x"
    try other.write("theirs", to: "file.txt")
    try FileManager.default.createSymbolicLink(
      atPath: "\(name)/rows.txt",
      withDestinationPath: "\(other.path)/file.txt"
    )
    try FileManager.default.createSymbolicLink(
      atPath: "\(name)/rows",
      withDestinationPath: other.path
    )
    let object = try other.write("ours", to: "object")
    try tree.fill(needed("rows.txt", "ours"), from: object)
    #expect(try folder.read("x/rows.txt") == "ours")
    #expect(try other.read("file.txt") == "theirs")
    #expect(throws: GitError.self) { try tree.fill(needed("rows/new.txt", "ours"), from: object) }
    #expect(throws: GitError.self) { try tree.fill(needed("../new.txt", "ours"), from: object) }
    #expect(throws: GitError.self) { try tree.fill(needed("/tmp/new.txt", "ours"), from: object) }
    #expect(throws: GitError.self) { try tree.fill(needed(".git/new.txt", "ours"), from: object) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).count == 2)
  }

  private func needed(_ path: String, _ content: String) -> RestoredTree.Needed {
    RestoredTree.Needed(
      path: path,
      digest: Digest(of: content),
      size: Int64(content.utf8.count),
      isExecutable: false,
      isOutside: path.hasPrefix("/") || path.hasPrefix(".."),
      source: .manifest
    )
  }

  @Test func bytesOfAnotherDigestDoNotStay() throws {
    let git = try GitFolder.withCommit()
    let (tree, folder) = try restore(git)
    let object = try folder.write("other", to: "object")
    do {
      try tree.fill(needed("new.txt", "ours"), from: object)
      Issue.record("bytes of another digest were taken")
    } catch {
      #expect(error.description.contains("have not the digest \(Digest(of: "ours").short)…"))
    }
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/x/new.txt"))
  }

  @Test func aFolderWithSomethingInItIsRefused() throws {
    let git = try GitFolder.withCommit()
    let folder = try TemporaryFolder()
    let commit = try git.git("rev-parse", "HEAD")
    // An empty one is taken.
    let repository = try git.repository()
    _ = try repository.restore(commit, to: folder.path)
    do {
      _ = try repository.restore(commit, to: folder.path)
      Issue.record("a folder with files was taken")
    } catch {
      #expect(error.description == "cannot restore into '\(folder.path)': it is not empty")
    }
    let linked = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: "\(linked.path)/link",
      withDestinationPath: "/tmp"
    )
    #expect(throws: GitError.self) {
      _ = try git.repository().restore(commit, to: "\(linked.path)/link")
    }
  }

  @Test func onlyWhatIsSelectedIsWritten() throws {
    let git = try GitFolder.withCommit()
    let (tree, folder) = try restore(git, selecting: { $0.hasPrefix("sub/") })
    #expect(tree.files == ["sub/more.txt"])
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/x/data.txt"))
  }

  @Test func digestsOverruleTheSettingsOfThisClone() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("a\nb\n", to: "data.txt")
    try git.git("commit", "-q", "-a", "-m", "Lines")
    let unix = Digest(of: "a\nb\n")
    let windows = Digest(of: "a\r\nb\r\n")
    let other = Digest(of: "other")
    #expect(
      try restore(git, expecting: ["data.txt": windows]).folder.read("x/data.txt") == "a\r\nb\r\n"
    )
    try git.git("config", "core.autocrlf", "true")
    #expect(try restore(git).folder.read("x/data.txt") == "a\r\nb\r\n")
    #expect(try restore(git, expecting: ["data.txt": unix]).folder.read("x/data.txt") == "a\nb\n")
    #expect(try restore(git, expecting: ["data.txt": other]).tree.differing == ["data.txt"])
    #expect(try restore(git, expecting: ["data.txt": unix]).tree.differing == [])
  }

  @Test func aLargeFileComesFromTheClonesOwnStore() throws {
    let content = "the large file's bytes\n"
    let git = try GitFolder.withLargeFile(content, at: "sub/rows.bin")
    let digest = Digest(of: content)
    let missing = try restore(git).tree
    #expect(missing.needed.map(\.path) == ["sub/rows.bin"])
    #expect(missing.needed.map(\.digest) == [digest])
    #expect(missing.needed.map(\.size) == [Int64(content.utf8.count)])
    #expect(missing.needed.map(\.source) == [.largeFile])
    #expect(!missing.files.contains("sub/rows.bin"))
    let hex = digest.hex
    let stored = ".git/lfs/objects/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
    try git.folder.write(content, to: stored)
    let found = try restore(git)
    #expect(found.tree.needed == [])
    #expect(try found.folder.read("x/sub/rows.bin") == content)
    let head = try git.git("rev-parse", "HEAD")
    #expect(try git.repository().contents(of: "sub/rows.bin", in: head) == Array(content.utf8))
    // Damaged, it is no better than missing.
    try git.folder.write("the large file's bytez\n", to: stored)
    #expect(try restore(git).tree.needed.map(\.path) == ["sub/rows.bin"])
    #expect(throws: GitError.self) {
      _ = try git.repository().contents(of: "sub/rows.bin", in: head)
    }
  }

  @Test func filesThatNeedAProgramAreNamed() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("data.txt filter=crypt\n", to: ".gitattributes")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Crypt")
    #expect(try restore(git).tree.unconverted == ["data.txt"])
  }

  @Test func blobsThatAPartialCloneLacksAreNamed() throws {
    let git = try GitFolder.withCommit()
    try git.git("config", "uploadpack.allowFilter", "true")
    try git.git("clone", "-q", "--filter=blob:none", "--no-checkout", "file://\(git.path)", "part")
    let repository = try git.repository("part")
    let folder = try TemporaryFolder()
    let commit = try git.git("rev-parse", "HEAD")
    let tree = try repository.restore(commit, to: "\(folder.path)/x")
    #expect(tree.refused.map(\.path) == ["data.txt", "sub/more.txt"])
    #expect(tree.refused.allSatisfy { $0.reason.contains("partial") })
    #expect(try repository.files(in: commit).map(\.size) == [nil, nil])
  }

  @Test func aManifestThatIsNoneIsAnError() throws {
    let git = try GitFolder.withCommit()
    for text in ["nonsense", "{\"format\":2}", "{\"format\":1,\"files\":[{\"path\":\"x\"}]}"] {
      try git.folder.write(text, to: ".distill/inputs.json")
      try git.git("add", ".")
      try git.git("commit", "-q", "-m", "Manifest")
      #expect(throws: GitError.self) { try restore(git) }
    }
  }
}

extension GitFolder {
  /// Every path below a folder, sorted, with what kind of thing it is for links and programs.
  func listing(_ folder: String) throws -> [String] {
    let manager = FileManager.default
    return try manager.subpathsOfDirectory(atPath: folder).map { name in
      let path = "\(folder)/\(name)"
      if let target = try? manager.destinationOfSymbolicLink(atPath: path) {
        return "\(name) -> \(target)"
      }
      let isFolder =
        (try manager.attributesOfItem(atPath: path)[.type] as? FileAttributeType)
        == .typeDirectory
      return !isFolder && manager.isExecutableFile(atPath: path) ? "\(name)*" : name
    }
    .sorted()
  }

  /// Commits a tree whose entries git's own commands might refuse; gives back its id.
  func commitTree(_ entries: [(mode: String, name: String, id: String)]) throws -> String {
    var bytes: [UInt8] = []
    for entry in entries {
      bytes += Array("\(entry.mode) \(entry.name)\0".utf8)
      var rest = entry.id[...]
      while !rest.isEmpty {
        bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
        rest = rest.dropFirst(2)
      }
    }
    let file = "\(path)/.git/made-tree"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    let tree = try git("hash-object", "-t", "tree", "-w", "--literally", file)
    return try git("commit-tree", "-m", "Made", tree)
  }
}
