import Primitives
import Store

/// Which rows of an artifact are wanted.
enum RowSelection: Sendable {
  /// By id, else by number from 1.
  case named(String)
  /// By the bytes of their ids.
  case ids(Set<[UInt8]>)
  case first(Int)
}

/// A row of an artifact as it lies in the store.
struct RowLine: Sendable {
  let number: Int
  let id: String
  let value: JSON

  var idBytes: [UInt8] { Array(id.utf8) }
}

/// Reads rows out of JSON Lines objects, a line at a time.
struct RowLines: Sendable {
  let objects: ObjectStore

  /// The rows of an artifact that are wanted, in their order.
  ///
  /// - Parameters:
  ///   - rows: The object with a row a line.
  ///   - ids: An object with an id a line, where the rows themselves have none.
  ///   - selection: Which.
  /// - Returns: None where no row is what was wanted.
  /// - Throws: Damage of the objects.
  func read(
    _ rows: ObjectRef,
    ids: ObjectRef? = nil,
    _ selection: RowSelection
  ) async throws -> [RowLine] {
    let path = try await objects.verifiedPath(rows)
    var idPath: String?
    if let ids { idPath = try await objects.verifiedPath(ids) }
    let paths = (rows: path, ids: idPath)
    return try await Blocking.run {
      var numbered: RowLine?
      var found: [RowLine] = []
      try Self.forEach(paths.rows, ids: paths.ids) { line in
        switch selection {
        case .named(let name):
          if UTF8Order.equal(line.id, name) { found.append(line) }
          if line.number == Int(name) { numbered = line }
          return true
        case .ids(let ids):
          if ids.contains(line.idBytes) { found.append(line) }
          return true
        case .first(let count):
          if found.count < count { found.append(line) }
          return found.count < count
        }
      }
      return found.isEmpty ? [numbered].compactMap(\.self) : found
    }
  }

  /// The ids of all rows with the digests of their contents, in their order.
  func marks(
    _ rows: ObjectRef,
    ids: ObjectRef?
  ) async throws -> [(id: String, digest: Digest)] {
    let path = try await objects.verifiedPath(rows)
    var idPath: String?
    if let ids { idPath = try await objects.verifiedPath(ids) }
    let paths = (rows: path, ids: idPath)
    return try await Blocking.run {
      var marks: [(id: String, digest: Digest)] = []
      try Self.forEach(paths.rows, ids: paths.ids) { line in
        marks.append((line.id, Digest(of: line.value.canonical)))
        return true
      }
      return marks
    }
  }

  /// The ids of all rows, in their order.
  func ids(_ object: ObjectRef) async throws -> [String] {
    let path = try await objects.verifiedPath(object)
    return try await Blocking.run {
      var lines = try LineReader(path: path)
      var ids: [String] = []
      while let line = try lines.next() { ids.append(try JSON(parsing: line).string ?? "") }
      return ids
    }
  }

  /// Hands over the rows until the body has enough.
  private static func forEach(
    _ path: String,
    ids: String?,
    _ body: (RowLine) throws -> Bool
  ) throws {
    var lines = try LineReader(path: path)
    guard let ids else {
      while let line = try lines.next() {
        let value = try JSON(parsing: line)
        let row = RowLine(
          number: lines.lineNumber,
          id: value["id"]?.string ?? "",
          value: value
        )
        guard try body(row) else { return }
      }
      return
    }
    var names = try LineReader(path: ids)
    while let line = try lines.next(), let name = try names.next() {
      let row = RowLine(
        number: lines.lineNumber,
        id: try JSON(parsing: name).string ?? "",
        value: try JSON(parsing: line)
      )
      guard try body(row) else { return }
    }
  }
}
