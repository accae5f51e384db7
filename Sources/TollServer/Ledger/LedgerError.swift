/// A record that cannot be read and is not the last one.
struct LedgerError: Error, CustomStringConvertible {
  let path: String
  let line: Int
  let reason: String

  var description: String {
    "ledger '\(path)', line \(line), is no record: \(reason); expected one JSON object a line"
  }
}
