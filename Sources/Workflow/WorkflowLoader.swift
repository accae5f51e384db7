// Workflow: from the tree of a YAML file to a checked workflow and its instances.
// It knows what keys mean and what kinds declare; it knows nothing about scheduling, or how a kind
// runs.

package import Diagnostics
import Foundation
import Primitives
import YAMLTree

/// Reads and checks workflows, all problems at once.
package struct WorkflowLoader: Sendable {
  package let language: Language
  private let templates: @Sendable (_ folder: String) -> [String]
  private let shippedModels: [String]?
  private let files: FileLookup

  /// A loader for a set of kinds.
  ///
  /// - Parameters:
  ///   - language: The kinds, and what is designed but not there yet.
  ///   - templates: Names (`task/style`) of the templates that a workflow in a folder can use.
  ///   - shippedModels: Names of embedded checkpoints; nil takes any.
  ///   - files: Where the files that a workflow names are looked for.
  package init(
    language: Language,
    templates: @escaping @Sendable (_ folder: String) -> [String],
    shippedModels: [String]? = nil,
    files: FileLookup = .disk
  ) {
    self.language = language
    self.templates = templates
    self.shippedModels = shippedModels
    self.files = files
  }

  /// Reads a workflow from disk.
  ///
  /// - Parameters:
  ///   - path: The file, absolute or relative to the current folder; problems name it as given.
  ///   - values: Texts of `--set` by the parameter's name.
  /// - Returns: The workflow, with its warnings.
  /// - Throws: All problems, warnings among them, in the order of their places.
  package func load(path: String, set values: [String: String] = [:]) throws(Problems)
    -> CheckedWorkflow
  {
    guard let bytes = Self.read(path) else {
      let isFolder = files.kind(Self.absolute(path)) == .folder
      let what = isFolder ? "'\(path)' is a folder" : "there is no workflow '\(path)'"
      throw Problems([
        Problem(
          what,
          at: nil,
          hint: "name a workflow file such as 'workflow.yaml'; 'distill init' makes an example"
        )
      ])
    }
    return try load(bytes, path: path, set: values)
  }

  /// Checks a workflow that is in memory.
  ///
  /// - Parameters:
  ///   - bytes: The file's content.
  ///   - path: Where it is or would be; paths in it are relative to its folder.
  ///   - values: Texts of `--set` by the parameter's name.
  /// - Returns: The workflow, with its warnings.
  /// - Throws: All problems, warnings among them, in the order of their places.
  package func load(_ bytes: [UInt8], path: String, set values: [String: String] = [:])
    throws(Problems) -> CheckedWorkflow
  {
    let root = try YAMLLoader.load(bytes, file: path)
    let absolute = Self.absolute(path)
    let check = WorkflowCheck(
      language: language,
      templates: templates(WorkflowPath.split(absolute).folder),
      shippedModels: shippedModels,
      files: files,
      path: absolute
    )
    return try check.check(root, bytes: bytes, set: values)
  }

  /// The file's bytes, no more than one above the limit: the path may name something endless.
  private static func read(_ path: String) -> [UInt8]? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    return (try? file.read(upToCount: YAMLLimits().bytes + 1)).map { [UInt8]($0) }
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
