import Dispatch
import Foundation
import Primitives
import Provenance
import Synchronization
import TestSupport
import Testing

/// Pins while others work in the same repository.
@Suite struct PinRaceTests {
  /// Commits on two branches in turn until told to stop.
  private final class Mover: Sendable {
    private let isStopped = Mutex(false)
    private let result = Mutex<(any Error)?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init(_ git: GitFolder) {
      Thread.detachNewThread { [self] in
        do {
          while !isStopped.withLock({ $0 }) {
            for branch in ["side", "main"] {
              try git.git("switch", "-q", branch)
              try git.git("commit", "-q", "--allow-empty", "-m", branch)
            }
          }
        } catch {
          result.withLock { $0 = error }
        }
        ended.signal()
      }
    }

    func stop() throws {
      isStopped.withLock { $0 = true }
      ended.wait()
      if let error = result.withLock({ $0 }) { throw error }
    }
  }

  @Test func headMovesDuringTwoHundredPins() throws {
    let git = try GitFolder.withCommit()
    try git.git("branch", "side")
    // Else a gc of git's own might start amid them, and outlast the test.
    try git.git("config", "gc.auto", "0")
    try git.folder.write("two\n", to: "data.txt")
    let inputs = [try git.input("data.txt"), try git.input("sub/more.txt")]
    let mover = Mover(git)
    let pins = Result {
      try (0..<200).map { number in
        try RunPin.make(startingAt: git.path, inputs: inputs, run: "r\(number)")
      }
    }
    try mover.stop()
    var heads: Set<String> = []
    let commits = try git.commits()
    for pin in try pins.get() {
      let pin = try #require(pin)
      #expect(pin.notPinned == nil)
      let head = try #require(pin.state.commit)
      let commit = try #require(pin.commit)
      heads.insert(head)
      // Commit and branch are of one moment: each branch's commits bear its name.
      let subject = try #require(commits[head]).subject
      #expect(subject == pin.state.branch || subject == "First")
      #expect(commits[commit]?.parents == head)
    }
    // All of these commits have one tree.
    let trees = Set(try pins.get().map { $0?.commit.flatMap { commits[$0]?.tree } })
    #expect(trees == [try git.git("rev-parse", "r0^{tree}".inRuns)])
    #expect(try git.git("diff", "--name-only", "main", "r0".inRuns) == "data.txt")
    // HEAD did move between them.
    #expect(heads.count > 2)
    try git.check()
    #expect(try git.repository().runs().count == 200)
  }

  @Test func eightThreadsPinOneState() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    try git.folder.write("*.big\n", to: ".gitignore")
    for number in 0..<20 { try git.folder.write("\(number)", to: "new/\(number)/x.txt") }
    try git.folder.write("rows", to: "rows.big")
    let files = ["data.txt", "sub/more.txt", "rows.big"] + (0..<20).map { "new/\($0)/x.txt" }
    let inputs = try files.map { try git.input($0) }
    let made = Mutex<[Result<RunPin?, any Error>]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for round in 0..<10 {
        // Every thread makes refs of its own and, each round, one that all make.
        for id in ["t\(thread)-\(round)", "all-\(round)"] {
          let pin = Result { try RunPin.make(startingAt: git.path, inputs: inputs, run: id) }
          made.withLock { $0.append(pin.mapError { $0 }) }
        }
      }
    }
    let pins = try made.withLock { $0 }.map { try $0.get() }
    #expect(pins.count == 160)
    #expect(pins.compactMap { $0?.notPinned } == [])
    #expect(Set(pins.map { $0?.commit }).count == 1)
    #expect(try git.repository().runs().count == 90)
    try git.check()
  }

  @Test func refsComeAndGoBesidePins() throws {
    let git = try GitFolder.withCommit()
    try git.folder.write("two\n", to: "data.txt")
    let inputs = [try git.input("data.txt")]
    let failures = Mutex<[String]>([])
    // Deleting the last ref of a folder deletes the folder, in which another ref is being made.
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for round in 0..<25 {
        do {
          let id = "t\(thread)-\(round)"
          let pin = try RunPin.make(startingAt: git.path, inputs: inputs, run: id)
          if let reason = pin?.notPinned { failures.withLock { $0.append("\(reason)") } }
          try git.repository().deleteRun(id)
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try git.repository().runs() == [])
  }
}

extension GitFolder {
  /// Every commit that a ref or a reflog names, by id.
  fileprivate func commits() throws -> [String: (parents: String, tree: String, subject: String)] {
    let lines = try git("log", "--all", "--reflog", "--format=%H,%P,%T,%s").split(separator: "\n")
    return Dictionary(
      try lines.map { line in
        let parts = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        try #require(parts.count == 4)
        return (parts[0], (parts[1], parts[2], parts[3]))
      },
      uniquingKeysWith: { first, _ in first }
    )
  }
}
