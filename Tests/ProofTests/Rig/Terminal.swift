import Foundation
import Primitives
import TestSupport

/// The tool at a terminal of its own, or at a pipe, which something happens to.
///
/// Python makes the terminal: it forks with a controlling terminal, which Foundation cannot.
struct Terminal {
  enum Event: String, CaseIterable, Sendable {
    /// Ctrl-C, at a terminal as a key.
    case interrupt
    case terminate
    case hangUp
    /// The reader of standard output goes away, or the terminal does.
    case closedPipe
    case interruptTwice
  }

  struct End {
    /// The exit code; minus the signal that ended it.
    let status: Int
    let output: String
    /// Seconds from the event to the end.
    let seconds: Double
    /// Whether the tool had come to its end before the event.
    let wasOver: Bool
  }

  /// Runs the tool; after so many microseconds the event comes, a second one after `gap`.
  static func run(
    _ arguments: [String],
    in folder: String,
    isTerminal: Bool,
    _ event: Event,
    after moment: Int,
    gap: Int = 0
  ) throws -> End {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "python3", "-c", script, isTerminal ? "terminal" : "pipe", event.rawValue, "\(moment)",
        "\(gap)", Tool.path,
      ] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = Tool.environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    let json = try JSON(parsing: Array(output.fileHandleForReading.readDataToEndOfFile()))
    process.waitUntilExit()
    return End(
      status: json["status"]?.int ?? -1000,
      output: json["output"]?.string ?? "",
      seconds: json["seconds"]?.number ?? 0,
      wasOver: json["over"]?.bool ?? false
    )
  }

  private static let script = """
    import json, os, pty, select, signal, subprocess, sys, time

    where, event, moment, gap, *command = sys.argv[1:]
    moment, gap = int(moment) / 1e6, int(gap) / 1e6
    # The threads of a test hold signals back, and what they start inherits that.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if where == "terminal":
      # Closed by exec: a terminal that goes away before that ends the fork, with exit code 1.
      begun, beginning = os.pipe()
      pid, reader = pty.fork()
      if pid == 0:
        os.execv(command[0], command)
      os.close(beginning)
      os.read(begun, 1)
    else:
      child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=open("errors", "w"))
      pid, reader = child.pid, child.stdout.fileno()
    output = b""

    def read(until):
      # Reads until a time, or to the end; whether the end has come.
      global output
      while True:
        rest = until - time.monotonic()
        if rest <= 0: return False
        if not select.select([reader], [], [], rest)[0]: return False
        try: chunk = os.read(reader, 65536)
        except OSError: return True
        if not chunk: return True
        output += chunk

    def interrupt():
      if where == "terminal": os.write(reader, b"\\x03")
      else: os.kill(pid, signal.SIGINT)

    over = read(time.monotonic() + moment)
    start = time.monotonic()
    closed = False
    if not over:
      if event.startswith("interrupt"): interrupt()
      if event == "terminate": os.kill(pid, signal.SIGTERM)
      if event == "hangUp": os.kill(pid, signal.SIGHUP)
      if event == "closedPipe":
        os.close(reader)
        closed = True
      if event == "interruptTwice":
        if not read(time.monotonic() + gap): interrupt()
    while not closed and not read(time.monotonic() + 3600): pass
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if where == "pipe": output += open("errors", "rb").read()
    print(json.dumps({
      "status": code, "output": output.decode(errors="replace"), "over": over,
      "seconds": time.monotonic() - start,
    }))
    """
}
