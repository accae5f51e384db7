import Diagnostics
import Foundation
import Primitives
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

/// The files of a folder as a dataset's source names them; hidden ones are left out.
func folderFiles(_ path: String) throws -> [DatasetSource.FolderFile] {
  try FileManager.default.subpathsOfDirectory(atPath: path).compactMap { name in
    var isFolder: ObjCBool = false
    let file = "\(path)/\(name)"
    guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue
    else { return nil }
    return DatasetSource.FolderFile(name: name, path: file)
  }
}

/// All records of a folder, and what was counted.
func folderRecords(
  _ path: String,
  _ format: String,
  fields: [(task: String, column: String)]? = nil,
  _ selection: DatasetSelection = DatasetSelection()
) throws -> (records: [Record], counts: DatasetCounts) {
  let source = DatasetSource(
    folder: try folderFiles(path),
    name: "data",
    format: format,
    fields: fields
  )
  var records: [Record] = []
  let counts = try DatasetLoader.read(source, selection) { records.append($0) }
  return (records, counts)
}

/// The canonical line of a record, for golden texts.
func line(_ record: Record?) -> String {
  record.map { String(decoding: $0.line, as: UTF8.self) } ?? ""
}

/// Bytes with a few of them changed, lost, doubled or cut off.
func mutatedBytes(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
  var bytes = bytes
  let marks = Array("\"\\,[]{}<>&;\n\r\t:#-0 \u{FEFF}".utf8) + [0x00, 0xFF]
  for _ in 0...generator.below(4) where !bytes.isEmpty {
    let index = generator.below(bytes.count)
    switch generator.below(5) {
    case 0: bytes[index] = marks[generator.below(marks.count)]
    case 1: bytes.insert(marks[generator.below(marks.count)], at: index)
    case 2: bytes.remove(at: index)
    case 3: bytes.removeLast(bytes.count - index)
    default: bytes.insert(contentsOf: bytes[..<index], at: index)
    }
  }
  return bytes
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
