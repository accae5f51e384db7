import Exports
import Foundation
import Lineage
import Primitives
import TestSupport

extension Archive {
  /// Bundles a run into a folder of that name beside the project.
  @discardableResult
  func bundle(
    _ run: RecordedRun,
    to name: String = "crate",
    selection: CrateSelection = CrateSelection(),
    find: @escaping RunCrate.Finder = { [.file(path: $0.path)] }
  ) async throws -> RunCrate.Report {
    try await RunCrate(
      run,
      store,
      records,
      selection: selection,
      license: nil,
      find: find
    ).write(to: "\(folder.path)/\(name)")
  }

  /// The entities of a crate by their ids.
  func graph(_ name: String = "crate") throws -> [String: JSON] {
    let json = try JSON(parsing: try folder.read("\(name)/ro-crate-metadata.json"))
    let pairs = (json["@graph"]?.array ?? []).compactMap { entity in
      entity["@id"]?.string.map { ($0, entity) }
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// Every file below a folder, with its bytes.
  func files(_ name: String = "crate") throws -> [String: Data] {
    let root = "\(folder.path)/\(name)"
    var found: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
      if !isFolder.boolValue {
        found[path] = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)"))
      }
    }
    return found
  }
}

extension JSON {
  /// The ids that a member refers to, one or several.
  func references(_ key: String) -> [String] {
    let value = self[key]
    return (value?.array ?? [value].compactMap { $0 }).compactMap { $0["@id"]?.string }
  }
}
