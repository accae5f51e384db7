package import Primitives

/// A toll server's ledger, read as it stands: also while the server runs, or after it was killed.
package struct TollLedger: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  /// All whole records, oldest first; a last one that a kill tore is left out.
  package func records() throws -> [JSON] {
    var reader = try LineReader(path: path)
    var records: [JSON] = []
    while let line = try reader.next() {
      guard let record = try? JSON(parsing: line) else { break }
      records.append(record)
    }
    return records
  }

  /// Records of requests, to one endpoint or all.
  package func requests(_ endpoint: String? = nil) throws -> [JSON] {
    try records().filter { record in
      record["event"]?.string == "request"
        && (endpoint == nil || record["endpoint"]?.string == endpoint)
    }
  }

  /// Everything that was charged for a chat request: online, or as a line of a batch.
  package func charges() throws -> [JSON] {
    try records().filter { $0["charged"]?.bool == true && $0["call"] != nil }
  }

  /// How often each logical request was charged, by its digest.
  package func chargesByCall() throws -> [String: Int] {
    try charges().reduce(into: [:]) { counts, charge in
      counts[charge["call"]?.string ?? "", default: 0] += 1
    }
  }
}
