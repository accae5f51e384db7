import Foundation
import Primitives
import TestSupport
import Testing

/// `command` nodes through the whole tool: caching, failures, limits.
@Suite struct CommandNodeTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("one\n", to: "input.txt")
  }

  private func workflow(_ nodes: String) throws {
    try folder.write("nodes:\n" + nodes, to: "w.yaml")
  }

  private func run(_ arguments: String...) throws -> Distill.Result {
    let (process, outputs) = try Distill.start(
      ["run", "w.yaml", "--json"] + arguments,
      in: folder.path
    )
    process.waitUntilExit()
    return Distill.Result(
      status: process.terminationStatus,
      output: try outputs.read("out"),
      error: try outputs.read("err")
    )
  }

  private static let chain = """
      first:
        kind: command
        shell: "tr -d '#' < $TEXT > out.txt"
        inputs: {TEXT: {path: input.txt}}
        outputs: {out: out.txt}
      second: {kind: command, shell: "wc -c < $IN > out.txt", inputs: {IN: first.out}, outputs: {out: out.txt}}
      third: {kind: command, shell: "cat $IN > out.txt", inputs: {IN: second}, outputs: {out: out.txt}}
    """

  @Test func aSecondRunRunsNothing() throws {
    try workflow(Self.chain)
    let first = try run()
    #expect(first.status == 0, "\(first.error)")
    #expect(first.count("ran") == 3)
    let second = try run()
    #expect(second.count("ran") == 0)
    #expect(second.count("reused") == 3)
  }

  @Test func touchingAFileRerunsNothing() throws {
    try workflow(Self.chain)
    _ = try run()
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000_000)],
      ofItemAtPath: "\(folder.path)/input.txt"
    )
    #expect(try run().count("ran") == 0)
  }

  @Test func aChangeThatYieldsTheSameBytesStopsThere() throws {
    try workflow(Self.chain)
    _ = try run()
    try folder.write("o#ne\n", to: "input.txt")
    let cutOff = try run()
    #expect(cutOff.count("ran") == 1)
    #expect(cutOff.count("reused") == 2)
    try folder.write("longer\n", to: "input.txt")
    #expect(try run().count("ran") == 3)
    // The bytes it had at first are known still.
    try folder.write("one\n", to: "input.txt")
    #expect(try run().count("ran") == 0)
  }

  @Test func aFailureStopsOnlyWhatDependsOnIt() throws {
    try workflow(
      """
        bad: {kind: command, shell: "echo on the way; exit 3", outputs: {out: out.txt}}
        behind: {kind: command, shell: "cat $IN > out.txt", inputs: {IN: bad.out}, outputs: {out: out.txt}}
        good: {kind: command, shell: "echo good > out.txt", outputs: {out: out.txt}}
      """
    )
    let result = try run()
    #expect(result.status == 1)
    #expect(result.count("ran") == 1)
    #expect(result.count("failed") == 1)
    #expect(result.count("skipped") == 1)
    let error = result.events.compactMap { $0["error"]?.string }.joined(separator: "\n")
    #expect(error.contains("ended with exit code 3"))
    #expect(error.contains("on the way"))
    #expect(error.contains("needs 'bad', which failed"))
  }

  @Test func aFailedNodeRunsAgain() throws {
    try workflow(
      """
        flaky:
          kind: command
          shell: "test -e \(folder.path)/flag && echo made > out.txt"
          outputs: {out: out.txt}
      """
    )
    #expect(try run().status == 1)
    try folder.write("", to: "flag")
    let second = try run()
    #expect(second.status == 0)
    #expect(second.count("ran") == 1)
  }

  @Test func retriesStartAgain() throws {
    try workflow(
      """
        flaky:
          kind: command
          shell: "echo x >> \(folder.path)/starts; test $(wc -l < \(folder.path)/starts) -ge 3 && echo made > out.txt"
          outputs: {out: out.txt}
          retries: 2
      """
    )
    #expect(try run().status == 0)
    #expect(try folder.read("starts") == "x\nx\nx\n")
  }

  @Test func aTimeoutEndsTheProgramAndWhatItStarted() throws {
    try workflow(
      """
        slow:
          kind: command
          shell: "(trap '' TERM; sleep 300) & echo $! > \(folder.path)/child; wait"
          outputs: {out: out.txt}
          timeout: 1s
      """
    )
    let result = try run()
    #expect(result.status == 1)
    #expect(result.output.contains("ran longer than its timeout of 1.0 s"))
    let child = try #require(Int32(try folder.read("child").split(separator: "\n")[0]))
    #expect(Self.ends(child))
  }

  /// Whether a process is gone, or dead and only not yet collected, within some seconds.
  private static func ends(_ process: Int32) -> Bool {
    for _ in 0..<100 {
      guard kill(process, 0) == 0 else { return true }
      let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      if status?.contains(") Z ") == true { return true }
      usleep(100_000)
    }
    return false
  }

  @Test func onlyDeclaredVariablesAreSeen() throws {
    try workflow(
      """
        seen: {kind: command, shell: "env | cut -d= -f1 | sort > out.txt", env: {MINE: "1"}, outputs: {out: out.txt}}
      """
    )
    #expect(try run().status == 0)
    let got = try Distill.run("get", "last", "seen", in: folder.path)
    let names = Set(got.output.split(separator: "\n").map(String.init))
    // The shell itself adds PWD (and OLDPWD, SHLVL, _).
    #expect(names.subtracting(["PWD", "OLDPWD", "SHLVL", "_"]) == ["HOME", "MINE", "PATH"])
  }

  @Test func outputsStayInside() throws {
    try workflow(
      """
        linked: {kind: command, shell: "ln -s /etc/passwd out.txt", outputs: {out: out.txt}}
        missing: {kind: command, run: ["true"], outputs: {out: out.txt}}
      """
    )
    let result = try run()
    #expect(result.status == 1)
    #expect(result.output.contains("is not a plain file inside the command's folder"))
    #expect(result.output.contains("was not made"))
  }

  @Test func failFastStartsNothingMore() throws {
    try workflow(
      """
        a: {kind: command, run: ["false"], outputs: {out: out.txt}}
        b: {kind: command, shell: "echo b > out.txt", outputs: {out: out.txt}}
        c: {kind: command, shell: "echo c > out.txt", outputs: {out: out.txt}}
      """
    )
    let result = try run("--fail-fast", "--jobs", "1")
    #expect(result.count("ran") == 0)
    #expect(result.count("skipped") == 2)
  }

  @Test func aPoolLimitsWhatRunsAtOnce() throws {
    let enter = "mkdir \(folder.path)/inside && sleep 0.05 && rmdir \(folder.path)/inside"
    let nodes = (0..<4).map { index in
      "  n\(index): {kind: command, shell: \"\(enter) && echo \(index) > out.txt\", pool: one, "
        + "outputs: {out: out.txt}}"
    }
    try folder.write(
      "pools: {one: 1}\nnodes:\n" + nodes.joined(separator: "\n"),
      to: "w.yaml"
    )
    let result = try run("--jobs", "4")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.count("ran") == 4)
  }

  @Test func twoProcessesRunAnActionOnce() throws {
    let nodes = (0..<6).map { index in
      "  n\(index): {kind: command, shell: \"echo x >> \(folder.path)/starts; sleep 0.2; "
        + "echo \(index) > out.txt\", outputs: {out: out.txt}}"
    }
    try workflow(nodes.joined(separator: "\n"))
    let runs = try (0..<3).map { _ in
      try Distill.start(["run", "w.yaml", "--json"], in: folder.path)
    }
    for run in runs {
      run.process.waitUntilExit()
      let error = try run.outputs.read("err")
      #expect(run.process.terminationStatus == 0, "\(error)")
    }
    #expect(try folder.read("starts").split(separator: "\n").count == 6)
  }
}
