import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct PinTests {
  private func places(_ pin: RunPin) -> [PinnedInput.Place] { pin.inputs.map(\.place) }

  @Test func cleanInputsArePinnedByHead() throws {
    let git = try GitFolder.withCommit()
    // What is no input does not matter.
    try git.folder.write("loose", to: "loose.txt")
    let pin = try RoundTrip.prove(git, ["data.txt", "sub/more.txt"])
    #expect(pin.commit == (try git.git("rev-parse", "HEAD")))
    #expect(places(pin) == [.head, .head])
    #expect(!pin.state.isDirty)
  }

  @Test func aChangedInputIsInACommitOfItsOwn() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    let pin = try RoundTrip.prove(git, ["data.txt", "sub/more.txt"])
    let commit = try #require(pin.commit)
    #expect(places(pin) == [.commit, .head])
    #expect(try git.git("show", "\(commit):data.txt") == "two")
    #expect(try git.git("rev-parse", "\(commit)^") == (try git.git("rev-parse", "HEAD")))
    #expect(try git.git("diff", "--name-only", "HEAD", commit) == "data.txt")
    #expect(pin.state.isDirty)
  }

  @Test func authorAndTimeOfTheCommitAreFixed() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    let commit = try #require(try git.pin(["data.txt"]).commit)
    let shown = try git.git("show", "-s", "--format=%an <%ae> %at %cn <%ce> %ct", commit)
    let time = try git.git("show", "-s", "--format=%ct", "HEAD")
    let name = "distill <distill@localhost>"
    #expect(shown == "\(name) \(time) \(name) \(time)")
  }

  @Test func whatIsOnlyStagedIsPinnedAsItIsInTheWorktree() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("staged\n", to: "data.txt")
    try git.folder.write("new\n", to: "new.txt")
    try git.git("add", ".")
    try git.folder.write("later\n", to: "data.txt")
    let pin = try RoundTrip.prove(git, ["data.txt", "new.txt"])
    #expect(places(pin) == [.commit, .commit])
    #expect(try git.git("show", "r1:data.txt".inRuns) == "later")
  }

  @Test func whatGitHasAlreadyIsUsedAgain() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    try git.git("hash-object", "-w", "data.txt")
    let first = try RoundTrip.prove(git, ["data.txt"])
    // Packed meanwhile by the gc of the proof.
    #expect(try git.pin(["data.txt"], run: "r2").commit == first.commit)
    #expect(try git.git("count-objects") == "0 objects, 0 kilobytes")
  }

  @Test func untrackedInputsComeInWithTheirFolders() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("a", to: "new/deep/a.txt")
    try git.folder.write("b", to: "sub/b ü.txt")
    let pin = try RoundTrip.prove(git, ["new/deep/a.txt", "sub/b ü.txt", "sub/more.txt"])
    #expect(places(pin) == [.commit, .commit, .head])
    #expect(pin.inputs.map(\.state.status) == [.untracked, .untracked, .clean])
  }

  @Test func ignoredInputsAreNamedInTheManifest() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.big\n", to: ".gitignore")
    try git.folder.write("rows", to: "sub/rows.big")
    try git.folder.write("more rows", to: "rows.big")
    let pin = try RoundTrip.prove(git, ["sub/rows.big", "rows.big", "data.txt"])
    #expect(places(pin) == [.manifest, .manifest, .head])
    #expect(pin.inputs.map(\.reason) == [.ignored, .ignored, nil])
    let lines = try git.git("show", "r1:.distill/inputs.json".inRuns)
    #expect(
      lines == """
        {"files":[
        {"path":"rows.big","sha256":"\(Digest(of: "more rows").hex)","size":9},
        {"path":"sub/rows.big","sha256":"\(Digest(of: "rows").hex)","size":4}
        ],"format":1}
        """
    )
    #expect(!pin.state.isDirty)
  }

  @Test func largeInputsAreNamedUnlessHeadHasThem() throws {
    let git = try GitFolder.withCommit()
    let eleven = String(repeating: "0123456789abcde\n", count: 11 << 16)
    try git.folder.write(eleven, to: "old.txt")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Large")
    try git.folder.write(eleven, to: "new.txt")
    let pin = try RoundTrip.prove(git, ["old.txt", "new.txt"])
    #expect(places(pin) == [.head, .manifest])
    #expect(pin.inputs[1].reason == .large)
    #expect(pin.inputs.map(\.needsStore) == [false, true])
    // Changed, it is large as well; HEAD's own bytes must not stand in for it.
    try git.folder.write(eleven + "more\n", to: "old.txt")
    #expect(try places(RoundTrip.prove(git, ["old.txt"], run: "r2")) == [.manifest])
  }

  @Test func filesOutsideAreNamedAsTheCallerSays() throws {
    let git = try GitFolder.withCommit()
    let other = try TemporaryFolder()
    let far = try other.write("far", to: "far.txt")
    let inputs = [
      try git.input(far), try git.input(far, nameOutside: "../far.txt"),
      try git.input("data.txt"),
    ]
    let pin = try #require(try RunPin.make(startingAt: git.path, inputs: inputs, run: "r1"))
    #expect(pin.inputs.map(\.place) == [.manifest, .manifest, .head])
    #expect(pin.inputs.map(\.isOutside) == [true, true, false])
    let manifest = try git.repository().manifest(in: try #require(pin.commit))
    #expect(manifest.map(\.path) == ["../far.txt", far])
    #expect(manifest.map(\.isOutside) == [true, true])
    try RoundTrip.prove(git, [far, "data.txt"], run: "r2")
  }

  @Test func theExecutableBitIsKept() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("#!/bin/sh\n", to: "new.sh")
    try git.folder.write("#!/bin/sh\n", to: "ignored/run.sh")
    try git.folder.write("ignored\n", to: ".gitignore")
    for name in ["new.sh", "data.txt", "ignored/run.sh"] {
      try #require(chmod("\(git.path)/\(name)", 0o755) == 0)
    }
    let pin = try RoundTrip.prove(git, ["new.sh", "data.txt", "ignored/run.sh", "sub/more.txt"])
    #expect(places(pin) == [.commit, .commit, .manifest, .head])
    #expect(try git.git("ls-tree", "r1".inRuns, "data.txt").hasPrefix("100755 "))
    // Where the file system knows no modes, HEAD's count.
    try git.git("config", "core.filemode", "false")
    #expect(try places(git.pin(["data.txt"], run: "r2")) == [.head])
  }

  @Test func aFolderInPlaceOfAFileAndTheOtherWayRound() throws {
    let git = try GitFolder.withCommit()
    try FileManager.default.removeItem(atPath: "\(git.path)/sub")
    try FileManager.default.removeItem(atPath: "\(git.path)/data.txt")
    try git.folder.write("file", to: "sub")
    try git.folder.write("inner", to: "data.txt/inner.txt")
    let pin = try RoundTrip.prove(git, ["sub", "data.txt/inner.txt"])
    #expect(places(pin) == [.commit, .commit])
  }

  @Test func composedAndDecomposedNamesAreTwoFiles() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("one", to: "u\u{308}/a.txt")
    try git.folder.write("two", to: "\u{fc}/a.txt")
    try git.pin(["u\u{308}/a.txt", "\u{fc}/a.txt"])
    try git.check()
    #expect(try git.git("show", "r1:u\u{308}/a.txt".inRuns) == "one")
    #expect(try git.git("show", "r1:\u{fc}/a.txt".inRuns) == "two")
  }

  @Test func gitsOwnFilesAndTheManifestsNameAreOnlyNamed() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("mine", to: ".distill/inputs.json")
    let pin = try git.pin([".git/config", ".distill/inputs.json"])
    #expect(pin.inputs.map(\.reason) == [.reserved, .reserved])
    #expect(pin.notPinned == nil)
    try git.check()
  }

  @Test func aMergedManifestOfAnotherRunIsReplaced() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.big\n", to: ".gitignore")
    try git.folder.write("rows", to: "rows.big")
    let first = try #require(try git.pin(["rows.big"]).commit)
    try git.git("merge", "-q", first)
    #expect(try git.pin(["rows.big"], run: "r2").commit == first)
    let second = try RoundTrip.prove(git, ["data.txt"], run: "r3")
    #expect(try git.repository().manifest(in: try #require(second.commit)) == [])
  }

  @Test func aFileReadTwiceIsNamedOnce() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.big\n", to: ".gitignore")
    try git.folder.write("rows", to: "rows.big")
    let pin = try git.pin(["rows.big", "sub/../rows.big", "./data.txt", "data.txt"])
    #expect(pin.inputs.map(\.treePath) == ["rows.big", "rows.big", "data.txt", "data.txt"])
    #expect(try git.repository().manifest(in: try #require(pin.commit)).count == 1)
  }

  @Test func theRecordSaysWhereEachInputIs() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    let pin = try git.pin(["data.txt", "sub/more.txt"])
    let json = pin.json
    #expect(json["ref"] == "refs/distill/runs/r1")
    #expect(json["run_commit"]?.string == pin.commit)
    #expect(json["not_pinned"] == .null)
    let input = try #require(json["inputs"]?.array?.first)
    #expect(input["path"] == "data.txt")
    #expect(input["pinned"] == "commit")
    #expect(input["sha256"]?.string == Digest(of: "two\n").hex)
    #expect(input["size"] == 4)
    #expect(input["blob"]?.string == (try git.git("hash-object", "data.txt")))
    #expect(!json.canonicalText.contains(git.path))
  }
}

extension String {
  /// A run's id, or a path in its commit, as git is to be asked for it.
  var inRuns: String { "refs/distill/runs/\(self)" }
}
