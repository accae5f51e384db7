import Execution
import Foundation
import Primitives
import Store
import Subprocess
import Tasks
import Workflow

#if canImport(System)
  import Darwin
  import System
#else
  import Glibc
  import SystemPackage
#endif

/// A program that finds entities: started once for some hundred texts, which it gets as JSON lines.
///
/// It sees PATH and HOME and nothing else of the environment, and works in a folder of its own, as
/// the programs of `command` nodes do. What it says on standard error is kept in the node's log.
struct CommandRecogniser: EntityRecogniser {
  /// What stands in keys; the digests of its files stand there by themselves.
  let identity: String
  private let arguments: [String]
  private let scratch: ScratchFolder
  private let log: String

  /// The most that an answer to one text may be on average: no list of names is longer.
  private static let answerLimit = 1 << 20

  /// The recogniser that the settings of an instance name, with its files laid out beside it.
  init(_ inputs: Inputs, _ services: Services) async throws {
    let recogniser = inputs.settings["recogniser"]
    let words = recogniser?.member("command")?.json?.array?.compactMap(\.string) ?? []
    scratch = try ScratchFolder(under: services.scratch, for: inputs.instance.id)
    identity = JSON.array(words.map(JSON.string)).canonicalText
    log = services.logPath(inputs.instance.id)
    var paths: [String: String] = [:]
    for (slot, file) in inputs.files where slot.hasPrefix("recogniser.files") {
      paths[file.written] = try await Self.copy(file, to: scratch, services.objects)
    }
    arguments = words.map { paths[$0] ?? $0 }
  }

  /// Copies a file beside the others, so that programs find each other by their names.
  private static func copy(
    _ file: InputFile,
    to scratch: ScratchFolder,
    _ objects: ObjectStore
  ) async throws -> String {
    let object = try await objects.put(fileAt: file.path)
    guard object == file.object else {
      throw NodeFailure("file '\(file.written)' changed while the run was going")
    }
    let base = file.written.split(separator: "/").last.map(String.init) ?? file.written
    let path = "\(scratch.inputs)/\(base)"
    guard !FileManager.default.fileExists(atPath: path) else {
      throw NodeFailure(
        "two files of the recogniser are named '\(base)'",
        hint: "they lie in one folder when it starts: rename one of them"
      )
    }
    try FileManager.default.copyItem(atPath: try await objects.verifiedPath(object), toPath: path)
    return path
  }

  func recognise(_ texts: [String]) async throws -> [RecognisedText] {
    guard !texts.isEmpty else { return [] }
    var requests: [UInt8] = []
    for (id, text) in texts.enumerated() {
      requests += RecogniserProtocol.request(id: id, text: text)
    }
    let output = try await answer(requests, limit: texts.count * Self.answerLimit)
    var collector = RecogniserProtocol.Collector(texts: texts)
    for line in output.split(separator: 0x0A) where !line.isEmpty {
      try collector.add(line: Array(line))
    }
    return try collector.finish()
  }

  /// Starts the program, hands it the requests and takes what it writes.
  private func answer(_ requests: [UInt8], limit: Int) async throws -> [UInt8] {
    let errors = try FileDescriptor.open(
      FilePath(log),
      .writeOnly,
      options: [.create, .append, .closeOnExec],
      permissions: [.ownerReadWrite]
    )
    defer { try? errors.close() }
    let input = try open(requests)
    defer { try? input.close() }
    let name = arguments.first ?? ""
    do {
      let result = try await Subprocess.run(
        name.contains("/") ? .path(FilePath(name)) : .name(name),
        arguments: Arguments(Array(arguments.dropFirst())),
        environment: environment,
        workingDirectory: FilePath(scratch.work),
        platformOptions: options,
        input: .fileDescriptor(input, closeAfterSpawningProcess: false),
        output: .bytes(limit: limit),
        error: .fileDescriptor(errors, closeAfterSpawningProcess: false)
      )
      kill(-result.processIdentifier.value, SIGKILL)
      try Task.checkCancellation()
      guard case .exited(0) = result.terminationStatus else {
        throw NodeFailure(
          "the recogniser '\(name)' did not end well: \(result.terminationStatus)",
          hint: "what it said is in \(log)"
        )
      }
      return result.standardOutput
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw NodeFailure(
        "the recogniser '\(name)' was not found on the PATH",
        hint: "install it, or name it by its path; without 'recogniser' the built-in rules count"
      )
    }
  }

  /// The requests as a file: the library that starts programs ends the whole process where a program
  /// ends before it has read all that is written to it.
  private func open(_ requests: [UInt8]) throws -> FileDescriptor {
    let path = "\(scratch.inputs)/requests"
    try Data(requests).write(to: URL(fileURLWithPath: path))
    return try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
  }

  private var options: PlatformOptions {
    var options = PlatformOptions()
    // A group of its own, so that what the program started ends with it.
    options.processGroupID = 0
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
    ]
    return options
  }

  private var environment: Environment {
    var values: [Environment.Key: String] = [:]
    for name in ["PATH", "HOME"] {
      if let value = ProcessEnvironment.value(of: name) {
        values[Environment.Key(stringLiteral: name)] = value
      }
    }
    return .custom(values)
  }
}
