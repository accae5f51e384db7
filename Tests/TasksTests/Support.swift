import Diagnostics
import Foundation
import Tasks

/// A file of this folder's `Fixtures`.
func fixture(_ name: String, file: String = #filePath) -> String {
  URL(fileURLWithPath: file).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/\(name)").path
}

/// All records of a file.
func records(
  _ path: String,
  _ format: String,
  fields: [(task: String, column: String)]? = nil,
  _ selection: DatasetSelection = DatasetSelection()
) throws -> [Record] {
  let source = DatasetSource(path: path, name: "data", format: format, fields: fields)
  var records: [Record] = []
  try DatasetLoader.read(source, selection) { records.append($0) }
  return records
}

/// The problems that a piece of code throws, as `line:column: message`.
func problems(_ body: () throws -> Void) -> [String] {
  do {
    try body()
    return []
  } catch let problems as Problems {
    return problems.all.map(short)
  } catch let problem as Problem {
    return [short(problem)]
  } catch {
    return ["\(error)"]
  }
}

func short(_ problem: Problem) -> String {
  let place = problem.location.map { "\($0.line):\($0.column): " } ?? ""
  return place + problem.message
}

func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}
