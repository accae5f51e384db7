import ArgumentParser
import Foundation
import Primitives

/// A script that is given as JSON or as the path of a file.
enum ScriptText {
  static func json(_ text: String) throws -> JSON {
    let isJSON = text.hasPrefix("{") || text.hasPrefix("[")
    let bytes = isJSON ? Array(text.utf8) : Array(try Data(contentsOf: URL(fileURLWithPath: text)))
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw ValidationError("the script '\(text.prefix(60))' cannot be read: \(error)")
    }
  }
}
