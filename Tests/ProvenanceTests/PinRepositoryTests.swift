import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

/// Repositories of every shape.
@Suite struct PinRepositoryTests {
  @Test func aDetachedHead() throws {
    let git = try GitFolder.withCommit()
    try git.git("checkout", "-q", "--detach")
    try git.folder.write("two\n", to: "data.txt")
    let pin = try RoundTrip.prove(git, ["data.txt", "sub/more.txt"])
    #expect(pin.state.branch == nil)
    #expect(pin.inputs.map(\.place) == [.commit, .head])
  }

  @Test func beforeTheFirstCommit() throws {
    let git = try GitFolder()
    try git.git("init", "-q", "-b", "trunk")
    try git.folder.write("x", to: "data.txt")
    try git.folder.write("y", to: "sub/more.txt")
    let pin = try RoundTrip.prove(git, ["data.txt", "sub/more.txt"])
    #expect(pin.state.commit == nil)
    #expect(pin.state.branch == "trunk")
    #expect(try git.git("show", "-s", "--format=%P|%ct", "r1".inRuns) == "|0")
    #expect(try git.git("rev-parse", "-q", "--verify", "HEAD", at: "", orElse: "none") == "none")
  }

  @Test func noRepositoryAtAll() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("x", to: "data.txt")
    let input = PinInput(path: file, digest: Digest(of: "x"), size: 1)
    #expect(try RunPin.make(startingAt: file, inputs: [input], run: "r1") == nil)
  }

  @Test func aShallowClone() throws {
    let git = try GitFolder.withCommit()
    for number in 1...3 { try git.git("commit", "-q", "--allow-empty", "-m", "\(number)") }
    try git.git("clone", "-q", "--bare", ".", "full.git")
    try git.git("clone", "-q", "--depth", "1", "file://\(git.path)/full.git", "flat")
    try git.folder.write("two\n", to: "flat/data.txt")
    let pin = try RoundTrip.prove(
      git,
      ["flat/data.txt", "flat/sub/more.txt"],
      at: "flat",
      through: "\(git.path)/full.git"
    )
    #expect(pin.inputs.map(\.place) == [.commit, .head])
  }

  @Test func aLinkedWorktree() throws {
    let git = try GitFolder.withCommit()
    try git.git("worktree", "add", "-q", "-b", "side", "tree")
    try git.folder.write("two\n", to: "tree/data.txt")
    let pin = try RoundTrip.prove(git, ["tree/data.txt", "tree/sub/more.txt"], at: "tree")
    #expect(pin.state.branch == "side")
    #expect(pin.inputs.map(\.place) == [.commit, .head])
    // One repository, one set of runs.
    #expect(try git.repository().runs().map(\.id) == ["r1", "r1-again"])
  }

  @Test(arguments: [["--no-sparse-index"], ["--sparse-index"]])
  func aSparseCheckout(options: [String]) throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("far", to: "far/away.txt")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Far")
    try git.run(["sparse-checkout", "set", "--cone"] + options + ["sub"], at: "")
    #expect(!FileManager.default.fileExists(atPath: "\(git.path)/far"))
    try git.folder.write("two\n", to: "data.txt")
    let pin = try RoundTrip.prove(git, ["data.txt", "sub/more.txt"])
    #expect(pin.inputs.map(\.place) == [.commit, .head])
    #expect(try git.git("show", "r1:far/away.txt".inRuns) == "far")
  }

  @Test func anIndexInTwoFiles() throws {
    let git = try GitFolder.withCommit()
    try git.git("update-index", "--split-index")
    try git.folder.write("two\n", to: "data.txt")
    let pin = try RoundTrip.prove(git, ["data.txt", "sub/more.txt"])
    #expect(pin.inputs.map(\.place) == [.commit, .head])
  }

  @Test func aRepositoryWithSettingsOfEachWorktree() throws {
    let git = try GitFolder.withCommit()
    try git.git("config", "core.repositoryFormatVersion", "1")
    try git.git("config", "extensions.worktreeConfig", "true")
    try git.folder.write("two\n", to: "data.txt")
    #expect(try RoundTrip.prove(git, ["data.txt"]).inputs.map(\.place) == [.commit])
  }

  @Test func rewrittenHistoryKeepsWhatARunUsed() throws {
    let git = try GitFolder.withCommit()
    let clean = try git.pin(["data.txt"], run: "clean")
    try git.folder.write("two\n", to: "data.txt")
    let dirty = try git.pin(["data.txt"], run: "dirty")
    try git.git("commit", "-q", "--amend", "-a", "-m", "Rewritten")
    try git.git("reflog", "expire", "--expire=now", "--all")
    try git.git("gc", "-q", "--prune=now")
    try git.check()
    let repository = try git.repository()
    for (pin, text) in [(clean, "one\n"), (dirty, "two\n")] {
      let commit = try #require(pin.commit)
      let bytes = try repository.contents(of: "data.txt", in: commit)
      #expect(bytes.map { String(decoding: $0, as: UTF8.self) } == text)
      #expect(try repository.history(has: commit) == false)
    }
  }
}

/// Inputs in submodules.
@Suite struct PinSubmoduleTests {
  /// A repository with the submodule `mod`, which has the submodule `mod/inner`.
  private func made() throws -> GitFolder {
    let git = try GitFolder.withCommit()
    for name in ["innermost", "module"] {
      try git.folder.write("\(name)\n", to: "\(name)/file.txt")
      try git.folder.write("*.big\n", to: "\(name)/.gitignore")
      try git.git("init", "-q", at: name)
      try git.git("add", ".", at: name)
      try git.git("commit", "-q", "-m", name, at: name)
    }
    try git.git("submodule", "--quiet", "add", "\(git.path)/innermost", "inner", at: "module")
    try git.git("commit", "-q", "-m", "Inner", at: "module")
    try git.folder.write("innermost\nmodule\n", to: ".gitignore")
    try git.git("submodule", "--quiet", "add", "\(git.path)/module", "mod")
    try git.git("submodule", "--quiet", "update", "--init", "--recursive")
    try git.git("add", ".")
    try git.git("commit", "-q", "-m", "Module")
    return git
  }

  @Test func cleanFilesArePinnedByTheSubmodulesCommit() throws {
    let git = try made()
    let pin = try RoundTrip.prove(git, ["mod/file.txt", "mod/inner/file.txt", "data.txt"])
    #expect(pin.inputs.map(\.place) == [.head, .head, .head])
    #expect(pin.inputs.map(\.state.status) == [.clean, .clean, .clean])
    let outer = try #require(pin.inputs[0].submodule)
    #expect(outer.path == "mod")
    #expect(outer.file == "file.txt")
    #expect(outer.commit == (try git.git("rev-parse", "HEAD:mod")))
    let inner = try #require(pin.inputs[1].submodule)
    #expect(inner.path == "mod/inner")
    #expect(inner.file == "file.txt")
    #expect(inner.commit == (try git.git("rev-parse", "HEAD:inner", at: "mod")))
    #expect(pin.commit == (try git.git("rev-parse", "HEAD")))
  }

  @Test func changedNewAndIgnoredFilesAreNamed() throws {
    let git = try made()
    try git.folder.write("changed", to: "mod/file.txt")
    try git.folder.write("new", to: "mod/inner/new.txt")
    try git.folder.write("big", to: "mod/rows.big")
    let files = ["mod/file.txt", "mod/inner/new.txt", "mod/rows.big", "mod/inner/file.txt"]
    let pin = try RoundTrip.prove(git, files)
    #expect(pin.inputs.map(\.place) == [.manifest, .manifest, .manifest, .head])
    #expect(pin.inputs.map(\.state.status) == [.dirty, .untracked, .ignored, .clean])
    #expect(pin.inputs.map(\.treePath) == files)
    // The run's commit keeps the submodule as it was.
    #expect(
      try git.git("rev-parse", "r1:mod".inRuns) == (try git.git("rev-parse", "HEAD:mod"))
    )
  }

  @Test func aCommitThatHeadDoesNotNameYetCountsAsAChange() throws {
    let git = try made()
    try git.folder.write("changed", to: "mod/file.txt")
    try git.git("commit", "-q", "-a", "-m", "Ahead", at: "mod")
    let pin = try RoundTrip.prove(git, ["mod/file.txt", "mod/inner/file.txt"])
    #expect(pin.inputs.map(\.place) == [.manifest, .head])
    #expect(pin.state.isDirty)
  }

  @Test func aSubmoduleThatIsNotCheckedOutHasPlainFiles() throws {
    let git = try made()
    try git.git("submodule", "--quiet", "deinit", "-f", "mod")
    try git.folder.write("plain", to: "mod/plain.txt")
    let pin = try RoundTrip.prove(git, ["mod/plain.txt"])
    #expect(pin.inputs.map(\.place) == [.manifest])
  }

  @Test func anEarlierCommitOfASubmoduleIsRestored() throws {
    let git = try made()
    let old = try git.git("rev-parse", "HEAD")
    try git.folder.write("newer\n", to: "mod/file.txt")
    try git.git("commit", "-q", "-a", "-m", "Newer", at: "mod")
    try git.git("commit", "-q", "-a", "-m", "Newer module")
    let target = try TemporaryFolder()
    let restored = try git.repository().restore(old, to: "\(target.path)/x")
    #expect(try target.read("x/mod/file.txt") == "module\n")
    #expect(try target.read("x/mod/inner/file.txt") == "innermost\n")
    #expect(restored.submodules.map(\.path) == ["mod/inner", "mod"])
    #expect(restored.submodules.map(\.missing) == [nil, nil])
  }
}
