package import Execution
import Logging
import Primitives
import Store
import Subprocess
import Workflow

#if canImport(System)
  import Darwin
  import System
#else
  import Glibc
  import SystemPackage
#endif

extension Command {
  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let attempts = 1 + (inputs.settings.integer("retries") ?? 0)
    for attempt in 1...attempts {
      do {
        try await once(inputs, output, services, attempt: attempt)
        return NodeOutcome(facts: JSONObject([("attempts", JSON(attempt))]))
      } catch let failure as NodeFailure where attempt < attempts {
        services.log.warning("\(inputs.instance.id): \(failure.message); starting it again")
      }
    }
    preconditionFailure("BUG: a command ended neither well nor badly")
  }

  private static func once(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services,
    attempt: Int
  ) async throws {
    let scratch = try ScratchFolder(under: services.scratch, for: inputs.instance.id)
    let variables = try await CommandInputs.lay(inputs, in: scratch, services.objects)
    let call = ProcessCall(
      arguments: arguments(inputs.settings),
      variables: variables + declared(inputs.settings),
      folder: scratch.work,
      log: services.logPath(inputs.instance.id),
      timeout: inputs.settings.number("timeout")
    )
    let ending = try await call.run()
    guard ending == .succeeded else {
      throw NodeFailure(
        "\(call.name) \(ending.description)\(try LogTail.quote(call.log))",
        hint: "its whole output is in \(call.log)"
      )
    }
    for (name, file) in outputFiles(inputs.settings) {
      let path = try scratch.outputPath(file, name: name)
      await output.add(name, try await services.objects.put(fileAt: path))
    }
  }

  private static func arguments(_ settings: Settings) -> [String] {
    if let shell = settings.text("shell") { return ["/bin/sh", "-c", shell] }
    return settings.json("run")?.array?.compactMap(\.string) ?? []
  }

  private static func declared(_ settings: Settings) -> [(name: String, value: String)] {
    settings.json("env")?.object?.members.map { ($0.key, $0.value.string ?? "") } ?? []
  }

  private static func outputFiles(_ settings: Settings) -> [(name: String, file: String)] {
    settings.json("outputs")?.object?.members.map { ($0.key, $0.value.string ?? "") } ?? []
  }
}

/// One start of a program: its words, what it sees of the environment, where its output goes.
private struct ProcessCall: Sendable {
  let arguments: [String]
  let variables: [(name: String, value: String)]
  let folder: String
  let log: String
  /// Seconds; nil for as long as it takes.
  let timeout: Double?

  enum Ending: Equatable {
    case succeeded
    case exited(Int)
    case signalled(Int)
    case timedOut(Double)
    case notFound

    var description: String {
      switch self {
      case .succeeded: "succeeded"
      case .exited(let code): "ended with exit code \(code)"
      case .signalled(let signal): "was ended by signal \(signal)"
      case .timedOut(let seconds): "ran longer than its timeout of \(seconds) s and was ended"
      case .notFound: "was not found on the PATH"
      }
    }
  }

  /// The program as messages name it.
  var name: String { "'\(arguments.first ?? "")'" }

  func run() async throws -> Ending {
    guard let timeout else { return try await start() }
    return try await withThrowingTaskGroup(of: Ending.self) { group in
      group.addTask { try await start() }
      group.addTask {
        try await Task.sleep(for: .seconds(timeout))
        return .timedOut(timeout)
      }
      // Whichever comes first; cancelling the process task ends the program and awaits its end.
      let first = try await group.next() ?? .timedOut(timeout)
      group.cancelAll()
      while let rest = await group.nextResult() { _ = rest }
      return first
    }
  }

  private func start() async throws -> Ending {
    let file = try FileDescriptor.open(
      FilePath(log),
      .writeOnly,
      options: [.create, .append, .closeOnExec],
      permissions: [.ownerReadWrite]
    )
    defer { try? file.close() }
    var options = PlatformOptions()
    // A group of its own, so that what the program started ends with it.
    options.processGroupID = 0
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
    ]
    do {
      let result = try await Subprocess.run(
        executable,
        arguments: Arguments(Array(arguments.dropFirst())),
        environment: environment,
        workingDirectory: FilePath(folder),
        platformOptions: options,
        input: .none,
        output: .fileDescriptor(file, closeAfterSpawningProcess: false),
        error: .fileDescriptor(file, closeAfterSpawningProcess: false)
      )
      // What it left behind in its group ends with it, also what did not heed the first signal.
      kill(-result.processIdentifier.value, SIGKILL)
      try Task.checkCancellation()
      switch result.terminationStatus {
      case .exited(0): return .succeeded
      case .exited(let code): return .exited(Int(code))
      case .signaled(let signal): return .signalled(Int(signal))
      }
    } catch let error as SubprocessError where error.code == .executableNotFound {
      return .notFound
    }
  }

  private var executable: Executable {
    let program = arguments.first ?? ""
    return program.contains("/") ? .path(FilePath(program)) : .name(program)
  }

  private var environment: Environment {
    var values: [Environment.Key: String] = [:]
    for name in ["PATH", "HOME"] {
      if let value = ProcessEnvironment.value(of: name) {
        values[Environment.Key(stringLiteral: name)] = value
      }
    }
    for variable in variables {
      values[Environment.Key(stringLiteral: variable.name)] = variable.value
    }
    return .custom(values)
  }
}

/// The end of a log, for the message of a failure.
private enum LogTail {
  static func quote(_ path: String, lines count: Int = 5) throws -> String {
    var reader = try LineReader(path: path)
    var last: [[UInt8]] = []
    while let line = try reader.next() {
      last.append(line)
      if last.count > count { last.removeFirst() }
    }
    guard !last.isEmpty else { return "; it printed nothing" }
    let text = last.map { "  | " + String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    return "; it printed last:\n\(text)"
  }
}
