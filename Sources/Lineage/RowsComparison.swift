import Primitives
import Store

/// Compares the rows of two artifacts, of which only ids, digests and what differs is held.
struct RowsComparison {
  /// An object of rows, and one of their ids where they have none themselves.
  typealias Rows = (rows: ObjectRef, ids: ObjectRef?)

  let lines: RowLines

  /// Matches rows by id, several of one id (samples) by their order.
  func compare(_ first: Rows, _ second: Rows) async throws -> RowsDifference {
    var before: [RowKey: Digest] = [:]
    let old = try await keys(first)
    for row in old { before[row.key] = row.digest }
    var added: [String] = []
    var changed: [RowKey] = []
    var common = 0
    for row in try await keys(second) {
      guard let digest = before.removeValue(forKey: row.key) else {
        added.append(row.key.text)
        continue
      }
      common += 1
      if digest != row.digest { changed.append(row.key) }
    }
    let removed = old.map(\.key).filter { before[$0] != nil }.map(\.text)
    return RowsDifference(
      added: added,
      removed: removed,
      changed: try await contents(of: changed, first, second),
      common: common
    )
  }

  private func keys(_ rows: Rows) async throws -> [(key: RowKey, digest: Digest)] {
    var numbers = RowNumbers()
    return try await lines.marks(rows.rows, ids: rows.ids).map { (numbers.key($0.id), $0.digest) }
  }

  /// Reads the rows that differ, of both.
  private func contents(
    of keys: [RowKey],
    _ first: Rows,
    _ second: Rows
  ) async throws -> [RowsDifference.Change] {
    guard !keys.isEmpty else { return [] }
    let ids = Set(keys.map(\.id))
    let (old, new) = (try await values(first, ids), try await values(second, ids))
    return keys.map { key in
      RowsDifference.Change(id: key.text, old: old[key] ?? .null, new: new[key] ?? .null)
    }
  }

  private func values(_ rows: Rows, _ ids: Set<[UInt8]>) async throws -> [RowKey: JSON] {
    var numbers = RowNumbers()
    var values: [RowKey: JSON] = [:]
    for line in try await lines.read(rows.rows, ids: rows.ids, .ids(ids)) {
      values[numbers.key(line.id)] = line.value
    }
    return values
  }
}

/// A row by the bytes of its id, and which of those with this id it is.
private struct RowKey: Hashable {
  let id: [UInt8]
  let number: Int

  var text: String { String(decoding: id, as: UTF8.self) }
}

/// Counts the rows of each id.
private struct RowNumbers {
  private var seen: [[UInt8]: Int] = [:]

  mutating func key(_ id: String) -> RowKey {
    let bytes = Array(id.utf8)
    let number = seen[bytes, default: 0]
    seen[bytes] = number + 1
    return RowKey(id: bytes, number: number)
  }
}
