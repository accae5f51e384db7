package import Diagnostics
package import Primitives

extension Problem {
  /// The problem for programs: `severity, message, file, line, column, length, hint, notes`.
  package var json: JSONObject {
    var object = JSONObject([
      ("severity", .string(severity.rawValue)), ("message", .string(message)),
    ])
    location.map { Self.add($0, to: &object) }
    if let hint { object["hint"] = .string(hint) }
    if !notes.isEmpty {
      object["notes"] = .array(
        notes.map { note in
          var object = JSONObject([("message", .string(note.message))])
          note.location.map { Self.add($0, to: &object) }
          return .object(object)
        }
      )
    }
    return object
  }

  private static func add(_ location: Location, to object: inout JSONObject) {
    object["file"] = .string(location.file)
    object["line"] = JSON(location.line)
    object["column"] = JSON(location.column)
    object["length"] = JSON(location.length)
  }
}
