import Foundation
import Primitives

/// Where the shipped templates, models and starter files are.
///
/// Beside an installed binary in `../share/distill`; in a checkout in `workflows/`.
struct ShareFolder: Sendable {
  let templates: String
  let models: String
  let starter: String

  /// Looks at `DISTILL_SHARE`, then beside the executable, then in the folders above it.
  static func find() throws -> ShareFolder {
    if let named = ProcessEnvironment.value(of: "DISTILL_SHARE") { return ShareFolder(root: named) }
    let executable = URL(fileURLWithPath: executablePath).resolvingSymlinksInPath()
    let installed = executable.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("share/distill")
    if isFolder(installed.path + "/templates") { return ShareFolder(root: installed.path) }
    var folder = executable.deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("workflows")
      if isFolder(candidate.path + "/templates"), isFolder(candidate.path + "/models") {
        return ShareFolder(root: candidate.path)
      }
      folder = folder.deletingLastPathComponent()
    }
    throw ShareFolderError(executable: executable.path)
  }

  private init(root: String) {
    templates = "\(root)/templates"
    models = "\(root)/models"
    starter = "\(root)/starter"
  }

  /// Names of the shipped checkpoints, sorted.
  func modelNames() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: models).sorted().filter {
      FileManager.default.fileExists(atPath: "\(models)/\($0)/config.json")
    }
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  static var executablePath: String {
    #if os(Linux)
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        ?? CommandLine.arguments[0]
    #else
      Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }
}

/// The files that belong to the tool are not where it looks for them.
struct ShareFolderError: Error, CustomStringConvertible {
  let executable: String

  var description: String {
    "the templates and models that belong to '\(executable)' are not in '../share/distill' beside "
      + "it; install with 'make install PREFIX=…', or name their folder in DISTILL_SHARE"
  }
}
