import Foundation

/// How the checker looks for the files that a workflow names: on disk, or in a commit's tree.
package struct FileLookup: Sendable {
  package enum Kind: Sendable {
    case file, folder
  }

  /// What stands at an absolute path; nil where nothing does.
  package let kind: @Sendable (_ path: String) -> Kind?
  /// Names in a folder given by its absolute path, for hints; empty where there is no such folder.
  package let names: @Sendable (_ folder: String) -> [String]

  package init(
    kind: @escaping @Sendable (String) -> Kind?,
    names: @escaping @Sendable (String) -> [String]
  ) {
    self.kind = kind
    self.names = names
  }

  /// The files on this machine.
  package static let disk = FileLookup(
    kind: { path in
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
      return isFolder.boolValue ? .folder : .file
    },
    names: { (try? FileManager.default.contentsOfDirectory(atPath: $0).sorted()) ?? [] }
  )
}

/// Paths as a workflow writes them, which are relative to its folder.
enum WorkflowPath {
  static func absolute(_ written: String, in folder: String) -> String {
    if written.hasPrefix("/") { return written }
    var relative = written[...]
    while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
    return folder + (folder.hasSuffix("/") ? "" : "/") + relative
  }

  /// The folder and the last name of a path.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }

  /// A file's name without its last ending.
  static func stem(_ path: String) -> String {
    let name = split(path).name
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
