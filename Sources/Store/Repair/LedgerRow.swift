import Primitives

/// A row of the ledger, told by the number and the types of its columns.
///
/// No two tables of the ledger have rows of one shape, so that a page need not say whose it is.
enum LedgerRow {
  /// The tables whose rows are never changed: a copy on a page that was given up is as good.
  case model, payer, call, attempt, answer
  case account, claim, job
  /// A row of `meta`.
  case setting
  /// An entry of the index of call keys.
  case callKey

  init?(_ row: FoundRow) {
    guard let shape = Self.shapes.first(where: { $0.fits(row) }) else { return nil }
    self = shape.kind
  }

  var isLasting: Bool {
    switch self {
    case .account, .claim, .job: false
    default: true
    }
  }

  private struct Shape {
    let kind: LedgerRow
    let isTable: Bool
    /// A letter a column; a small one may be NULL instead.
    let columns: [UInt8]

    init(_ kind: LedgerRow, _ columns: String, isTable: Bool = true) {
      self.kind = kind
      self.isTable = isTable
      self.columns = Array(columns.utf8)
    }

    func fits(_ row: FoundRow) -> Bool {
      (row.rowID != nil) == isTable && row.values.count == columns.count
        && zip(row.values, columns).allSatisfy { Self.fits($0, $1) }
    }

    private static func fits(_ value: SQLiteValue, _ letter: UInt8) -> Bool {
      switch (value, letter) {
      case (.null, _): letter >= UInt8(ascii: "a")
      case (.integer, UInt8(ascii: "I")), (.integer, UInt8(ascii: "i")): true
      case (.text, UInt8(ascii: "T")), (.text, UInt8(ascii: "t")): true
      case (.blob, UInt8(ascii: "B")), (.blob, UInt8(ascii: "b")): true
      case (.blob(let bytes), UInt8(ascii: "D")), (.blob(let bytes), UInt8(ascii: "d")):
        bytes.count == 32
      default: false
      }
    }
  }

  // The id of a row is no column: NULL stands in its place.
  private static let shapes = [
    Shape(.model, "nT"), Shape(.payer, "ntt"), Shape(.account, "nTIII"), Shape(.call, "nDIdb"),
    Shape(.claim, "nIIiIitit"), Shape(.attempt, "nIiIITtiiiit"), Shape(.answer, "nDdb"),
    Shape(.job, "nDTTTtTitIIiiT"), Shape(.setting, "TT", isTable: false),
    Shape(.callKey, "DI", isTable: false),
  ]
}
