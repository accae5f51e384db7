import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

@Suite struct GitStateTests {
  private func state(_ git: GitFolder, _ files: String...) throws -> GitState {
    let inputs = files.map { $0.hasPrefix("/") ? $0 : "\(git.path)/\($0)" }
    return try #require(try GitState.read(startingAt: git.path, inputs: inputs))
  }

  private func statuses(_ git: GitFolder, _ files: String...) throws -> [InputState.Status] {
    let inputs = files.map { "\(git.path)/\($0)" }
    return try #require(try GitState.read(startingAt: git.path, inputs: inputs)).inputs
      .map(\.status)
  }

  @Test func cleanInputsHaveHeadsBlobs() throws {
    let git = try GitFolder.withCommit()
    let state = try state(git, "data.txt", "sub/more.txt")
    #expect(state.commit == (try git.git("rev-parse", "HEAD")))
    #expect(state.branch == "main")
    #expect(state.remote == nil)
    #expect(state.inputs.map(\.status) == [.clean, .clean])
    #expect(state.inputs.map(\.relativePath) == ["data.txt", "sub/more.txt"])
    let blob = try git.git("rev-parse", "HEAD:data.txt")
    #expect(state.inputs[0].headBlob == blob)
    #expect(state.inputs[0].blob == blob)
    #expect(!state.isDirty)
  }

  @Test func aChangedInputIsDirtyAndTheRestOfTheTreeDoesNotMatter() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    let changed = try state(git, "data.txt")
    #expect(changed.inputs[0].status == .dirty)
    #expect(changed.inputs[0].headBlob == (try git.git("rev-parse", "HEAD:data.txt")))
    #expect(changed.inputs[0].blob == (try git.git("hash-object", "data.txt")))
    #expect(changed.isDirty)
    #expect(try !state(git, "sub/more.txt").isDirty)
    // Written again as it was: only bytes count, not times.
    try git.folder.write("one\n", to: "data.txt")
    #expect(try statuses(git, "data.txt") == [.clean])
  }

  @Test func whatIsOnlyStagedIsDirty() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    try git.folder.write("new\n", to: "new.txt")
    try git.git("add", ".")
    let state = try state(git, "data.txt", "new.txt")
    #expect(state.inputs.map(\.status) == [.dirty, .dirty])
    #expect(state.inputs[1].headBlob == nil)
  }

  @Test func untrackedAndIgnoredAreToldApart() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.big\n/data.txt\n", to: ".gitignore")
    try git.folder.write("x", to: "loose.txt")
    try git.folder.write("x", to: "sub/rows.big")
    // A tracked file stays tracked whatever the ignore rules say.
    #expect(
      try statuses(git, "loose.txt", "sub/rows.big", "data.txt")
        == [.untracked, .ignored, .clean]
    )
    #expect(try state(git, "loose.txt").isDirty)
    #expect(try !state(git, "sub/rows.big").isDirty)
  }

  @Test func filesOutsideAndLinksToThemAreOutside() throws {
    let git = try GitFolder.withCommit()
    let other = try TemporaryFolder()
    let outside = try other.write("one\n", to: "far.txt")
    try FileManager.default.createSymbolicLink(
      atPath: "\(git.path)/link.txt",
      withDestinationPath: outside
    )
    let state = try state(git, outside, "link.txt")
    #expect(state.inputs.map(\.status) == [.outside, .outside])
    #expect(state.inputs.map(\.relativePath) == [nil, nil])
    #expect(state.inputs[0].blob == (try git.git("rev-parse", "HEAD:data.txt")))
    #expect(!state.isDirty)
  }

  @Test func aLinkWithinTheTreeCountsAsWhatItLeadsTo() throws {
    let git = try GitFolder.withCommit()
    try FileManager.default.createSymbolicLink(
      atPath: "\(git.path)/link.txt",
      withDestinationPath: "sub/more.txt"
    )
    let state = try state(git, "link.txt")
    #expect(state.inputs[0].status == .clean)
    #expect(state.inputs[0].relativePath == "sub/more.txt")
  }

  @Test func lineEndFiltersAreGits() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("*.txt text eol=crlf\n", to: ".gitattributes")
    try git.folder.write("one\r\n", to: "data.txt")
    #expect(try git.git("diff", "--name-only") == "")
    #expect(try statuses(git, "data.txt") == [.clean])
    try git.folder.write("one\r\ntwo\r\n", to: "data.txt")
    #expect(try statuses(git, "data.txt") == [.dirty])
  }

  @Test func aLargeFileIsComparedWithItsPointer() throws {
    let git = try GitFolder.withCommit()
    let content = "the large file's bytes\n"
    let pointer = """
      version https://git-lfs.github.com/spec/v1
      oid sha256:\(Digest(of: content).hex)
      size \(content.utf8.count)

      """
    try git.folder.write(pointer, to: "rows.bin")
    try git.git("add", "rows.bin")
    try git.git("commit", "-q", "-m", "Pointer")
    try git.folder.write(content, to: "rows.bin")
    #expect(try statuses(git, "rows.bin") == [.clean])
    try git.folder.write("other bytes\n", to: "rows.bin")
    #expect(try statuses(git, "rows.bin") == [.dirty])
  }

  @Test func aDetachedHeadHasNoBranch() throws {
    let git = try GitFolder.withCommit()
    try git.git("checkout", "-q", "--detach")
    let state = try state(git, "data.txt")
    #expect(state.branch == nil)
    #expect(state.commit == (try git.git("rev-parse", "HEAD")))
    #expect(state.inputs[0].status == .clean)
  }

  @Test func beforeTheFirstCommitThereIsABranchAndNoCommit() throws {
    let git = try GitFolder()
    try git.git("init", "-q", "-b", "trunk")
    try git.folder.write("x", to: "data.txt")
    let state = try state(git, "data.txt")
    #expect(state.commit == nil)
    #expect(state.branch == "trunk")
    #expect(state.inputs[0].status == .untracked)
  }

  @Test func aLinkedWorktreeHasItsOwnHead() throws {
    let git = try GitFolder.withCommit()
    try git.git("worktree", "add", "-q", "-b", "side", "tree")
    try git.folder.write("two\n", to: "tree/data.txt")
    let inside = "\(git.path)/tree"
    let state = try #require(
      try GitState.read(
        startingAt: inside,
        inputs: ["\(inside)/data.txt", "\(inside)/sub/more.txt"]
      )
    )
    #expect(state.root == inside)
    #expect(state.branch == "side")
    #expect(state.inputs.map(\.status) == [.dirty, .clean])
  }

  @Test func theRepositoryIsFoundFromAFileOrAFolderBelow() throws {
    let git = try GitFolder.withCommit()
    for start in ["sub", "sub/more.txt"] {
      let state = try GitState.read(startingAt: "\(git.path)/\(start)", inputs: [])
      #expect(state?.root == git.path)
    }
  }

  @Test func withoutARepositoryThereIsNoState() throws {
    let folder = try TemporaryFolder()
    #expect(try GitState.read(startingAt: folder.path, inputs: []) == nil)
  }

  @Test func theRecordHoldsNoSecretAndNoRoot() throws {
    let git = try GitFolder.withCommit()
    try git.git("remote", "add", "origin", "https://me:s3cret@example.org/a/b.git")
    let state = try state(git, "data.txt")
    #expect(state.remote == "https://example.org/a/b.git")
    let text = state.json.canonicalText
    #expect(!text.contains("s3cret"))
    #expect(!text.contains(git.path))
    #expect(state.json["inputs"]?.array?.first?["status"] == "clean")
    #expect(state.json["dirty"] == false)
  }

  @Test func theOnlyRemoteCountsWhateverItsName() throws {
    let git = try GitFolder.withCommit()
    try git.git("remote", "add", "fork", "git@example.org:a/b.git")
    #expect(try state(git).remote == "example.org:a/b.git")
    try git.git("remote", "add", "other", "https://example.org/c")
    #expect(try state(git).remote == nil)
  }
}

@Suite struct GitRefusalTests {
  private func refusal(_ path: String, inputs: [String] = []) -> GitError? {
    do throws(GitError) {
      _ = try GitState.read(startingAt: path, inputs: inputs)
      return nil
    } catch {
      return error
    }
  }

  @Test func aBareRepositoryIsRefused() throws {
    let git = try GitFolder()
    try git.git("init", "-q", "--bare", "store.git")
    let error = try #require(refusal("\(git.path)/store.git"))
    #expect(
      error.description == """
        cannot use the repository '\(git.path)/store.git/': it is bare: it has no files to compare with
        """
    )
    #expect(error.hint?.contains("git worktree add") == true)
  }

  @Test func aMissingInputIsNamed() throws {
    let git = try GitFolder.withCommit()
    let error = try #require(refusal(git.path, inputs: ["\(git.path)/none.txt"]))
    #expect(
      error.description == "cannot compare '\(git.path)/none.txt' with HEAD: no such file"
    )
  }

  @Test func aDamagedRepositoryIsAnError() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("nonsense\n", to: ".git/HEAD")
    #expect(refusal(git.path) != nil)
  }

  /// Only root can give a folder away, so only root can make the case.
  @Test(.enabled(if: geteuid() == 0, "needs root to give a folder to another user"))
  func aRepositoryOfAnotherUserIsRefusedWithTheCommandThatAllowsIt() throws {
    let git = try GitFolder.withCommit()
    for path in ["", "/.git"] {
      try FileManager.default.setAttributes(
        [.ownerAccountID: 12345],
        ofItemAtPath: git.path + path
      )
    }
    let error = try #require(refusal(git.path))
    #expect(
      error.hint == "if you trust it: git config --global --add safe.directory '\(git.path)'"
    )
  }
}

@Suite struct RemoteURLTests {
  @Test(arguments: [
    ("https://example.org/a/b.git", "https://example.org/a/b.git"),
    ("https://token@example.org/a", "https://example.org/a"),
    ("https://me:to@ken@example.org:8443/a?private_token=x#y", "https://example.org:8443/a"),
    ("ssh://git@example.org:22/a", "ssh://example.org:22/a"),
    ("git@example.org:a/b@c.git", "example.org:a/b@c.git"),
    ("me:pw@example.org:a", "example.org:a"),
    ("/srv/git/a@b.git", "/srv/git/a@b.git"),
    ("../sibling", "../sibling"),
    ("file:///srv/a", "file:///srv/a"),
  ])
  func secretsAreLeftOut(url: String, shown: String) {
    #expect(RemoteURL.withoutSecrets(url) == shown)
  }
}
