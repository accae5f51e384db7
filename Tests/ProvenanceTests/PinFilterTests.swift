import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

/// Inputs whose bytes git changes on their way in or out.
@Suite struct PinFilterTests {
  private func prove(
    _ git: GitFolder,
    _ files: String...,
    run id: String = "r1"
  ) throws -> [PinnedInput.Place] {
    try RoundTrip.prove(git, files, run: id).inputs.map(\.place)
  }

  @Test func lineEndsThatTheAttributesDemandAreInTheCommit() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.txt text eol=crlf\n", to: ".gitattributes")
    try git.git("add", ".gitattributes")
    try git.git("commit", "-q", "-m", "Attributes")
    try git.folder.write("one\r\n", to: "data.txt")
    #expect(try prove(git, "data.txt") == [.head])
    try git.folder.write("one\r\ntwo\r\n", to: "data.txt")
    try git.folder.write("new\r\n", to: "sub/new.txt")
    #expect(try prove(git, "data.txt", "sub/new.txt", run: "r2") == [.commit, .commit])
    #expect(try git.git("cat-file", "-p", "r2:sub/new.txt".inRuns) == "new")
    // One line end of the other kind, and git would not give it back.
    try git.folder.write("one\r\ntwo\n", to: "data.txt")
    let pin = try RoundTrip.prove(git, ["data.txt"], run: "r3")
    #expect(pin.inputs.map(\.reason) == [.filtered])
  }

  @Test(arguments: ["true", "input"])
  func lineEndsOfOneClonesSettingsAreNot(setting: String) throws {
    let git = try GitFolder.withCommit()
    try git.git("config", "core.autocrlf", setting)
    try git.folder.write("one\r\n", to: "data.txt")
    try git.folder.write("new\r\n", to: "new.txt")
    let pin = try RoundTrip.prove(git, ["data.txt", "new.txt"])
    #expect(pin.inputs.map(\.place) == [.manifest, .manifest])
    #expect(pin.inputs.map(\.reason) == [.filtered, .filtered])
    #expect(pin.inputs[0].state.status == .clean)
  }

  @Test func aFileThatThisCloneWouldCheckOutOtherwiseIsNamed() throws {
    let git = try GitFolder.withCommit()
    try git.git("config", "core.autocrlf", "true")
    // Clean, as git sees it, but a new checkout would bring CRLF.
    #expect(try git.git("status", "--porcelain") == "")
    #expect(try prove(git, "data.txt") == [.manifest])
  }

  @Test func safeCRLFRefusesNothing() throws {
    let git = try GitFolder.withCommit()
    try git.git("config", "core.autocrlf", "input")
    try git.git("config", "core.safecrlf", "true")
    try git.folder.write("a\r\nb\n", to: "data.txt")
    #expect(try prove(git, "data.txt") == [.manifest])
  }

  @Test func theAttributesOfTheCommitCountNotThoseOfTheWorktree() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.txt text eol=crlf\n", to: ".gitattributes")
    try git.folder.write("two\r\n", to: "data.txt")
    // Nobody pins the attributes: what they would have done is not in the commit.
    #expect(try prove(git, "data.txt") == [.manifest])
    // Pinned as an input they hold.
    #expect(try prove(git, "data.txt", ".gitattributes", run: "r2") == [.commit, .commit])
  }

  @Test func attributesInFoldersHold() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.txt text eol=crlf\n", to: "sub/deep/.gitattributes")
    try git.folder.write("x\r\n", to: "sub/deep/in.txt")
    try git.folder.write("x\r\n", to: "sub/out.txt")
    let files = ["sub/deep/in.txt", "sub/out.txt", "sub/deep/.gitattributes"]
    let pin = try RoundTrip.prove(git, files)
    #expect(pin.inputs.map(\.place) == [.commit, .commit, .commit])
    #expect(try git.git("cat-file", "-s", "r1:sub/deep/in.txt".inRuns) == "2")
    #expect(try git.git("cat-file", "-s", "r1:sub/out.txt".inRuns) == "3")
  }

  @Test func anExpandedIdentIsNamed() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("data.txt ident\n", to: ".gitattributes")
    try git.folder.write("$Id$\n", to: "data.txt")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Ident")
    // As it was written: a checkout would expand it.
    #expect(try prove(git, "data.txt") == [.manifest])
    try FileManager.default.removeItem(atPath: "\(git.path)/data.txt")
    try git.git("checkout", "-q", "data.txt")
    #expect(try git.folder.read("data.txt") != "$Id$\n")
    #expect(try prove(git, "data.txt", run: "r2") == [.manifest])
  }

  @Test func anotherEncodingIsNamedAndCleanAsGitSeesIt() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.csv working-tree-encoding=UTF-16LE eol=lf\n", to: ".gitattributes")
    try git.folder.write("a\0,\0b\0\n\0", to: "rows.csv")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Encoded")
    try git.touchIndex(behind: "rows.csv")
    let pin = try RoundTrip.prove(git, ["rows.csv"])
    #expect(pin.inputs.map(\.place) == [.manifest])
    #expect(pin.inputs.map(\.state.status) == [.clean])
    try git.folder.write("c\0\n\0", to: "rows.csv")
    let changed = try RoundTrip.prove(git, ["rows.csv"], run: "r2")
    #expect(changed.inputs.map(\.place) == [.manifest])
    #expect(changed.inputs.map(\.state.status) == [.dirty])
  }

  @Test func whatAProgramWouldHideIsNeverCommitted() throws {
    let git = try GitFolder.withCommit()
    try git.git("config", "filter.crypt.clean", "tr a-z b-za")
    try git.git("config", "filter.crypt.smudge", "tr b-za a-z")
    try git.folder.write("*.key filter=crypt\n", to: ".gitattributes")
    try git.folder.write("secret", to: "my.key")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Crypt")
    try git.touchIndex(behind: "my.key")
    let pin = try RoundTrip.prove(git, ["my.key"])
    #expect(pin.inputs.map(\.place) == [.manifest])
    #expect(pin.inputs.map(\.state.status) == [.clean])
    try git.folder.write("other secret", to: "my.key")
    try RoundTrip.prove(git, ["my.key"], run: "r2")
    let id = try git.git("hash-object", "--no-filters", "my.key")
    #expect(try git.git("cat-file", "-t", id, at: "", orElse: "not there") == "not there")
  }

  @Test func aLargeFileIsPinnedByItsPointer() throws {
    let git = try GitFolder.withLargeFile("the large file's bytes\n", at: "rows.bin")
    let pin = try git.pin(["rows.bin"])
    #expect(pin.inputs.map(\.place) == [.head])
    #expect(pin.inputs.map(\.isLargeFile) == [true])
    #expect(pin.inputs.map(\.needsStore) == [true])
    #expect(pin.commit == (try git.git("rev-parse", "HEAD")))
    try RoundTrip.prove(git, ["rows.bin"], run: "r2")
    try git.folder.write("other bytes\n", to: "rows.bin")
    let changed = try RoundTrip.prove(git, ["rows.bin"], run: "r3")
    #expect(changed.inputs.map(\.place) == [.manifest])
    #expect(changed.inputs.map(\.reason) == [.filtered])
  }

  @Test func aPointerThatNoAttributeAsksForIsNoLargeFile() throws {
    let git = try GitFolder.withLargeFile("bytes\n", at: "rows.bin")
    try git.folder.write("", to: ".gitattributes")
    try git.git("commit", "-q", "-m", "No attributes", ".gitattributes")
    // A checkout would bring the pointer itself.
    #expect(try prove(git, "rows.bin") == [.manifest])
  }

  @Test func aLinkInTheTreeIsPinnedWithWhatItLeadsTo() throws {
    let git = try GitFolder.withCommit()
    try git.link("latest.txt", to: "sub/more.txt")
    try git.link("folder", to: "sub")
    try git.folder.write("deep", to: "sub/deep/x.txt")
    let files = ["latest.txt", "folder/deep/x.txt"]
    let pin = try RoundTrip.prove(git, files)
    #expect(pin.inputs.map(\.treePath) == ["sub/more.txt", "sub/deep/x.txt"])
    #expect(try git.git("ls-tree", "r1".inRuns, "latest.txt").hasPrefix("120000 "))
    // A restored workflow still finds them by the names that it uses.
    let target = try TemporaryFolder()
    let commit = try #require(pin.commit)
    _ = try git.repository().restore(commit, to: "\(target.path)/x")
    #expect(try target.read("x/latest.txt") == "more\n")
    #expect(try target.read("x/folder/deep/x.txt") == "deep")
  }

  @Test func aLinkOutOfTheTreeIsReplacedByTheFile() throws {
    let git = try GitFolder.withCommit()
    let other = try TemporaryFolder()
    try other.write("far", to: "rows/far.txt")
    try git.link("rows", to: "\(other.path)/rows")
    try git.link("sub/own.txt", to: "\(git.path)/data.txt")
    try git.link("again", to: "rows")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Links")
    let pin = try RoundTrip.prove(git, ["rows/far.txt", "sub/own.txt", "again/far.txt"])
    #expect(pin.inputs.map(\.treePath) == ["rows/far.txt", "sub/own.txt", "rows/far.txt"])
    #expect(pin.inputs.map(\.reason) == [.link, .link, .link])
    #expect(pin.inputs.map(\.isOutside) == [false, false, false])
  }
}

extension GitFolder {
  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/\(name)",
      withDestinationPath: target
    )
  }

  /// Makes git look again at a file that was written in the same moment as the index.
  func touchIndex(behind file: String) throws {
    let past = Date(timeIntervalSinceNow: -100)
    try FileManager.default.setAttributes(
      [.modificationDate: past],
      ofItemAtPath: "\(path)/\(file)"
    )
    try git("update-index", "--refresh")
  }

  /// A commit of a pointer as Git LFS writes it, and the file's bytes in the worktree.
  static func withLargeFile(_ content: String, at name: String) throws -> GitFolder {
    let git = try withCommit()
    let pointer = """
      version https://git-lfs.github.com/spec/v1
      oid sha256:\(Digest(of: content).hex)
      size \(content.utf8.count)

      """
    try git.folder.write("*.bin filter=lfs diff=lfs merge=lfs -text\n", to: ".gitattributes")
    try git.folder.write(pointer, to: name)
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Large")
    try git.folder.write(content, to: name)
    return git
  }
}
