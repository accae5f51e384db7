import Foundation
import Primitives
import Provenance
import Store

/// Where the store of a workflow is.
enum StoreLocation {
  /// The option, else `DISTILL_CACHE`, else `cache/` of the nearest folder above the workflow that
  /// has one, else of the repository's root, else of the workflow's folder.
  static func find(option: String?, workflowFolder: String) throws -> String {
    if let option { return try checked(absolute(option)) }
    if let named = ProcessEnvironment.value(of: "DISTILL_CACHE"), !named.isEmpty {
      return try checked(absolute(named))
    }
    var folder = URL(fileURLWithPath: workflowFolder).standardizedFileURL
    while true {
      let candidate = folder.appendingPathComponent("cache").path
      if StoreFolder.isStore(candidate) { return candidate }
      guard folder.path != "/" else { break }
      folder = folder.deletingLastPathComponent()
    }
    let root = try repositoryRoot(of: workflowFolder)
    return "\(root ?? URL(fileURLWithPath: workflowFolder).standardizedFileURL.path)/cache"
  }

  /// Refuses what is there and no folder.
  private static func checked(_ path: String) throws -> String {
    guard FileManager.default.fileExists(atPath: path), !ShareFolder.isFolder(path) else {
      return path
    }
    Terminal.error(
      "error: the cache '\(path)' is a file, not a folder\n  hint: name a folder, or none for the "
        + "usual place"
    )
    throw ExitStatus.usage
  }

  private static func repositoryRoot(of folder: String) throws -> String? {
    let repository = try Repository.discover(from: folder)
    guard let repository else { return nil }
    return repository.root
  }

  static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
