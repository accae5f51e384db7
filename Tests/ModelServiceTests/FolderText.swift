import Foundation

/// The bytes of every file below a folder, for searching.
enum FolderText {
  static func read(_ path: String) throws -> String {
    let names = try FileManager.default.subpathsOfDirectory(atPath: path)
    return try names.map { name -> String in
      let file = "\(path)/\(name)"
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder),
        !isFolder.boolValue
      else { return "" }
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
    }.joined()
  }
}
