import Foundation
import GRDB
import Primitives

/// A digest in a database is a BLOB of its 32 bytes.
extension Digest {
  var blob: Data { Data(bytes) }

  /// Takes a column's bytes; nil if they are not 32.
  init?(blob: Data) {
    guard blob.count == 32 else { return nil }
    self.init(bytes: blob)
  }
}

extension Row {
  /// A column that must hold a digest; anything else means that the database is damaged.
  func digest(at column: Int, in path: String) throws(StoreError) -> Digest {
    guard let blob = self[column] as Data?, let digest = Digest(blob: blob) else {
      throw .damagedDatabase(path: path, reason: "a column that holds a digest has not 32 bytes")
    }
    return digest
  }
}
