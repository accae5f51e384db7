import Foundation
import TestSupport
import Testing

/// The fault shim by itself: what it does not count, a proof by it would not try.
@Suite("The fault shim", .enabled(if: FaultShim.isPossible, "LD_PRELOAD is Linux's"))
struct FaultShimTests {
  /// Every kind of step once, in a known order, by the C library's functions.
  private static let script = """
    import os
    d = os.open("d/a", os.O_WRONLY | os.O_CREAT)
    os.write(d, b"12345678")
    os.pwrite(d, b"x", 0)
    os.ftruncate(d, 6)
    os.fsync(d)
    os.posix_fallocate(d, 0, 6)
    os.close(d)
    os.rename("d/a", "d/b")
    os.link("d/b", "d/c")
    os.mkdir("d/e")
    os.unlink("d/b")
    os.read(os.open("d/c", os.O_RDONLY), 3)
    o = os.open("outside", os.O_WRONLY | os.O_CREAT)
    os.write(o, b"1")
    os.fdatasync(os.open("d", os.O_RDONLY))
    """

  private static let kinds = [
    "open", "write", "write", "truncate", "fsync", "allocate", "close", "rename", "link", "mkdir",
    "unlink", "fsync",
  ]

  private let shim: FaultShim
  private let folder: TemporaryFolder

  init() throws {
    shim = try FaultShim()
    folder = try TemporaryFolder()
  }

  @Test("counts every change below the folder, and nothing else")
  func counts() throws {
    let status = try run(at: nil, .killBefore)
    #expect(status == 0)
    #expect(try FaultShim.steps(in: "\(folder.path)/log").map(\.kind) == Self.kinds)
  }

  @Test("kills before, after, and in the middle of each step")
  func kills() throws {
    for step in 1...Self.kinds.count {
      for action in [FaultShim.Action.killBefore, .killAfter, .killTorn] {
        #expect(try run(at: step, action) == SIGKILL, "step \(step), \(action)")
        let done = try FaultShim.steps(in: "\(folder.path)/log")
        #expect(done.map(\.kind) == Array(Self.kinds.prefix(step)))
      }
    }
  }

  @Test("a torn write leaves half of its bytes, a write that was not begun none")
  func tears() throws {
    for (action, size) in [(FaultShim.Action.killBefore, 0), (.killTorn, 4), (.killAfter, 8)] {
      _ = try run(at: 2, action)
      #expect(try folder.read("d/a").utf8.count == size, "\(action)")
    }
  }

  @Test("gives the error once, for ever, or every other time")
  func errors() throws {
    let trying = """
      import os
      for n in range(3):
        try: os.mkdir(f"d/{n}"); print("made")
        except OSError as e: print(e.errno)
      """
    let errors: [(FaultShim.Action, Int32)] = [
      (.noSpace, ENOSPC), (.inputOutput, EIO), (.interrupted, EINTR),
    ]
    for (action, code) in errors {
      _ = try run(at: 1, action, script: trying)
      #expect(try folder.read("out") == "\(code)\nmade\nmade\n")
      _ = try run(at: 1, action, .forever, script: trying)
      #expect(try folder.read("out") == "\(code)\n\(code)\n\(code)\n")
      _ = try run(at: 1, action, .everyOther, script: trying)
      #expect(try folder.read("out") == "\(code)\nmade\n\(code)\n")
    }
  }

  @Test("an allocation that fails gives its error back")
  func allocations() throws {
    let trying = """
      import os
      d = os.open("d/a", os.O_WRONLY | os.O_CREAT)
      try: os.posix_fallocate(d, 0, 6)
      except OSError as e: print(e.errno, os.stat("d/a").st_size)
      """
    #expect(try run(at: 1, .noSpace, kinds: ["allocate"], script: trying) == 0)
    #expect(try folder.read("out") == "\(ENOSPC) 0\n")
  }

  @Test("shortens one write")
  func shortens() throws {
    #expect(try run(at: 2, .short, kinds: ["write", "open"]) == 0)
    #expect(try folder.read("d/c") == "x234\0\0")
  }

  @Test("numbers from when the trigger is there")
  func trigger() throws {
    let environment = shim.environment(
      over: folder.path,
      log: "\(folder.path)/log",
      when: "\(folder.path)/trigger"
    )
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c", "import os; [os.mkdir(n) for n in ['a', 'trigger', 'b', 'c']]",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    try process.run()
    process.waitUntilExit()
    let paths = try FaultShim.steps(in: "\(folder.path)/log").map(\.path)
    #expect(paths == ["\(folder.path)/b", "\(folder.path)/c"])
  }

  /// Runs a script on an empty folder `d`; the exit code, or the signal that ended it.
  private func run(
    at step: Int?,
    _ action: FaultShim.Action,
    _ repetition: FaultShim.Repetition = .once,
    kinds: [String] = [],
    script: String = script
  ) throws -> Int32 {
    try? FileManager.default.removeItem(atPath: "\(folder.path)/d")
    try? FileManager.default.removeItem(atPath: "\(folder.path)/log")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/d",
      withIntermediateDirectories: false
    )
    try folder.write("", to: "out")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardOutput = FileHandle(forWritingAtPath: "\(folder.path)/out")
    process.environment = ProcessInfo.processInfo.environment.merging(
      shim.environment(
        over: "\(folder.path)/d",
        log: "\(folder.path)/log",
        at: step,
        action,
        repetition,
        kinds: kinds
      )
    ) { $1 }
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
