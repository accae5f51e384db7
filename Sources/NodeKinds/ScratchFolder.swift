import Execution
import Foundation
import Primitives
import Store
import Tasks
import Workflow

/// A folder of its own for one start of a command, removed with its last use.
final class ScratchFolder: Sendable {
  private let path: String
  /// Where the program runs and makes its outputs.
  let work: String
  /// Where its inputs lie.
  let inputs: String

  init(under parent: String, for id: InstanceID) throws {
    let safe = String(id.text.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" }.prefix(80))
    path = "\(parent)/\(safe)-\(UUID().uuidString.prefix(8))"
    work = "\(path)/work"
    inputs = "\(path)/inputs"
    for folder in [work, inputs] {
      try FileManager.default.createDirectory(
        atPath: folder,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Where a declared output lies; refuses what is no plain file inside the work folder.
  func outputPath(_ file: String, name: String) throws -> String {
    let declared = "\(work)/\(file)"
    var status = stat()
    guard lstat(declared, &status) == 0 else {
      throw NodeFailure(
        "output '\(name)' was not made: there is no file '\(file)' in the command's folder",
        hint: "write it relative to the folder the program starts in, or correct 'outputs'"
      )
    }
    let isPlain = status.st_mode & S_IFMT == S_IFREG
    guard isPlain, let real = Self.realPath(declared), let root = Self.realPath(work),
      real.hasPrefix(root + "/")
    else {
      throw NodeFailure(
        "output '\(name)' ('\(file)') is not a plain file inside the command's folder",
        hint: "links and folders are not taken; write the file itself"
      )
    }
    return real
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// Lays a command's inputs out as files that it finds through environment variables.
enum CommandInputs {
  static func lay(
    _ inputs: Inputs,
    in scratch: ScratchFolder,
    _ objects: ObjectStore
  ) async throws -> [(name: String, value: String)] {
    var variables: [(name: String, value: String)] = []
    for (slot, file) in inputs.files {
      guard let name = Self.name(of: slot) else { continue }
      let object = try await objects.put(fileAt: file.path)
      guard object == file.object else {
        throw NodeFailure("file '\(file.written)' changed while the run was going")
      }
      let base = file.written.split(separator: "/").last.map(String.init) ?? name
      variables.append((name, try await link(object, as: base, name, in: scratch, objects)))
    }
    for (slot, input) in inputs.artifacts {
      guard let name = Self.name(of: slot) else { continue }
      variables.append((name, try await lay(input, name, in: scratch, objects)))
    }
    return variables
  }

  /// `inputs.CONFIG` and `inputs.CONFIG.path` are both the variable `CONFIG`.
  private static func name(of slot: String) -> String? {
    let steps = slot.split(separator: ".")
    return steps.count >= 2 && steps[0] == "inputs" ? String(steps[1]) : nil
  }

  /// One part is a file, several are a folder of files.
  private static func lay(
    _ input: InputArtifact,
    _ name: String,
    in scratch: ScratchFolder,
    _ objects: ObjectStore
  ) async throws -> String {
    let parts = input.artifact.parts.filter { input.output == nil || input.output == $0.part }
    if parts.count == 1, let only = parts.first {
      return try await link(only.object, as: fileName(only.part), name, in: scratch, objects)
    }
    for part in parts {
      _ = try await link(part.object, as: fileName(part.part), name, in: scratch, objects)
    }
    return "\(scratch.inputs)/\(name)"
  }

  /// Part names with the ending that programs expect.
  private static func fileName(_ part: String) -> String {
    switch part {
    case Part.rows, Part.ids, Part.trials: "\(part).jsonl"
    case Part.summary, Part.prompt, Part.target, Part.reading, Part.chosen, Part.model, Part.table:
      "\(part).json"
    default: part
    }
  }

  private static func link(
    _ object: ObjectRef,
    as base: String,
    _ name: String,
    in scratch: ScratchFolder,
    _ objects: ObjectStore
  ) async throws -> String {
    let folder = "\(scratch.inputs)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/\(base)"
    let target = try await objects.verifiedPath(object)
    guard symlink(target, path) == 0 else { throw SystemError("link", path: path) }
    return path
  }
}
