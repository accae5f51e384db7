import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Repositories that cannot be read, and those that cannot be written.
@Suite struct PinRefusalTests {
  private func refusal(_ path: String, _ inputs: [PinInput] = []) -> PinError? {
    do throws(PinError) {
      _ = try RunPin.make(startingAt: path, inputs: inputs, run: "r1")
      return nil
    } catch {
      return error
    }
  }

  @Test func aBareRepositoryIsRefused() throws {
    let git = try GitFolder()
    try git.git("init", "-q", "--bare", "store.git")
    let error = try #require(refusal("\(git.path)/store.git"))
    #expect(error.description.hasSuffix("it is bare: it has no files to compare with"))
  }

  @Test func namesBySHA256AreRefusedWithTheWayOut() throws {
    let git = try GitFolder()
    try git.git("init", "-q", "-b", "main", "--object-format=sha256", "long")
    try git.folder.write("one\n", to: "long/data.txt")
    try git.git("add", ".", at: "long")
    try git.git("commit", "-q", "-m", "Long", at: "long")
    let error = try #require(refusal("\(git.path)/long"))
    #expect(error.description.contains("its objects are named by SHA-256, which libgit2 "))
    // The command of the hint does what it says.
    let command = try #require(error.hint?.split(separator: ": ", maxSplits: 1).last)
      .replacingOccurrences(of: "COPY", with: "\(git.path)/short")
      .replacingOccurrences(of: "BRANCH", with: "main")
      .replacingOccurrences(of: " && ", with: " >&2 && ")
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", command]
    shell.standardOutput = Pipe()
    shell.standardError = Pipe()
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
    let input = try git.input("short/data.txt")
    let pin = try RunPin.make(startingAt: "\(git.path)/short", inputs: [input], run: "r1")
    #expect(pin?.inputs.map(\.place) == [.head])
  }

  @Test func anExtensionThatIsNotKnownIsNamed() throws {
    let git = try GitFolder.withCommit()
    let settings = try git.folder.read(".git/config")
    try git.folder.write(
      settings.replacingOccurrences(of: "version = 0", with: "version = 1")
        + "[extensions]\n\trefStorage = reftable\n",
      to: ".git/config"
    )
    let error = try #require(refusal(git.path))
    #expect(error.description.contains("it needs git's extension 'refstorage', which libgit2 "))
    #expect(error.hint?.contains("refs migrate --ref-format=files") == true)
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

  @Test func anInputThatChangedIsNamed() throws {
    let git = try GitFolder.withCommit()
    let input = try git.input("data.txt")
    try git.folder.write("new\n", to: "data.txt")
    let other = try #require(refusal(git.path, [input]))
    let digests = "SHA-256 \(Digest(of: "new\n").short)…, expected \(input.digest.short)…"
    #expect(
      other.description
        == "input '\(git.path)/data.txt' changed while the run was being pinned: \(digests)"
    )
    try git.folder.write("longer\n", to: "data.txt")
    let longer = try #require(refusal(git.path, [input]))
    #expect(longer.description.hasSuffix(": 7 bytes, expected 4"))
    try FileManager.default.removeItem(atPath: input.path)
    let gone = try #require(refusal(git.path, [input]))
    #expect(gone.description.hasSuffix(": it is gone"))
    guard case .changed(let change) = gone else {
      Issue.record("expected a change, found \(gone)")
      return
    }
    #expect(change.path == input.path)
    #expect(try git.repository().runs() == [])
  }

  @Test func aLargeInputThatChangedIsNamed() throws {
    let git = try GitFolder.withCommit()
    let size = Int(RunPin.sizeLimit) + 1
    try git.folder.write(String(repeating: "a", count: size), to: "big.txt")
    let input = try git.input("big.txt")
    try git.folder.write(String(repeating: "b", count: size), to: "big.txt")
    let error = try #require(refusal(git.path, [input]))
    #expect(error.description.contains("'\(git.path)/big.txt' changed"))
  }

  @Test func aFolderIsNoInput() throws {
    let git = try GitFolder.withCommit()
    let input = PinInput(path: "\(git.path)/sub", digest: Digest(of: ""), size: 0)
    #expect(refusal(git.path, [input]) != nil)
  }

  @Test func refsThatCannotBeWrittenLeaveTheRunUnpinned() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    try git.folder.write("*.big\n", to: ".gitignore")
    try git.folder.write("rows", to: "rows.big")
    let before = try git.surroundings()
    try git.folder.write("in the way", to: ".git/refs/distill")
    let pin = try git.pin(["data.txt", "sub/more.txt", "rows.big"])
    let reason = try #require(pin.notPinned)
    #expect(reason.operation == "create 'refs/distill/runs/r1'")
    #expect(pin.ref == nil)
    #expect(pin.commit == (try git.git("rev-parse", "HEAD")))
    #expect(pin.inputs.map(\.place) == [.store, .head, .store])
    #expect(pin.inputs.map(\.reason) == [.notPinned, nil, .ignored])
    #expect(pin.json["not_pinned"]?.string == reason.description)
    // What a crash at this point leaves: loose objects that nothing names.
    try FileManager.default.removeItem(atPath: "\(git.path)/.git/refs/distill")
    #expect(try git.surroundings() == before)
    try git.check()
    #expect(try git.git("fsck", "--unreachable", "--no-reflogs").contains("unreachable commit"))
    try git.git("prune", "--expire=now")
    #expect(try git.git("fsck", "--unreachable", "--no-reflogs") == "")
  }

  @Test func aRefOfAnotherCommitIsNotMoved() throws {
    let git = try GitFolder.withCommit()
    let first = try git.pin(["data.txt"])
    try git.folder.write("two\n", to: "data.txt")
    let second = try git.pin(["data.txt"])
    let commit = try #require(first.commit)
    #expect(second.notPinned?.reason == "it names commit \(commit) already")
    #expect(try git.git("rev-parse", "r1".inRuns) == commit)
  }

  @Test(.enabled(if: ThreadRights.canBeLimited, "root may write everything here"))
  func aRepositoryThatMayOnlyBeReadLeavesTheRunUnpinned() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    let inputs = [try git.input("data.txt"), try git.input("sub/more.txt")]
    try git.git("repack", "-a", "-d", "-q")
    let folders = [".git/objects", ".git/refs"]
    for folder in folders { try #require(chmod("\(git.path)/\(folder)", 0o555) == 0) }
    let dirty = try ThreadRights.limited {
      try RunPin.make(startingAt: git.path, inputs: inputs, run: "r1")
    }
    // Where all is clean nothing but the ref is missing.
    let clean = try ThreadRights.limited {
      try RunPin.make(startingAt: git.path, inputs: [inputs[1]], run: "r1")
    }
    for folder in folders { try #require(chmod("\(git.path)/\(folder)", 0o755) == 0) }
    #expect(dirty?.notPinned?.reason.contains("Permission denied") == true)
    #expect(dirty?.inputs.map(\.place) == [.store, .head])
    #expect(clean?.notPinned != nil)
    #expect(clean?.inputs.map(\.place) == [.head])
    #expect(clean?.commit == (try git.git("rev-parse", "HEAD")))
    #expect(try git.repository().runs() == [])
    try git.check()
  }
}
