import Diagnostics
import Primitives

/// What the readers of published sets share: columns that a format promises, and what is said when
/// they are not there.
///
/// White space at the ends of a text says nothing in any of the sets and is dropped, so that the
/// same question is the same text in every layout.
struct PublishedRow {
  let object: JSONObject
  /// For messages.
  let number: Int

  init(_ row: RowText) throws(RowProblem) {
    object = try row.object()
    number = row.number
  }

  init(_ object: JSONObject, number: Int) {
    self.object = object
    self.number = number
  }

  func has(_ column: String) -> Bool { object[column] != nil }

  /// The first of some names that is a column; the first of all when none is.
  func name(among columns: String...) -> String { columns.first(where: has) ?? columns[0] }

  func value(_ column: String) throws(RowProblem) -> JSON {
    guard let value = object[column] else {
      throw RowProblem(Self.missing(column, in: object.keys, row: number))
    }
    return value
  }

  /// The text in a column, which must say something.
  func text(_ column: String) throws(RowProblem) -> String {
    let text = try plainText(column)
    guard !text.isEmpty else { throw RowProblem("'\(column)' in row \(number) is empty") }
    return text
  }

  /// The text in a column, which may be empty.
  func plainText(_ column: String) throws(RowProblem) -> String {
    let value = try value(column)
    guard let text = value.string else {
      throw RowProblem("'\(column)' in row \(number) must be a text; found \(value.kindName)")
    }
    return Scalar.trimmed(text)
  }

  /// The text in a column that need not be there; nil where it is not, or says nothing.
  func optionalText(_ column: String) throws(RowProblem) -> String? {
    guard let value = object[column], !value.isNull else { return nil }
    let text = try plainText(column)
    return text.isEmpty ? nil : text
  }

  /// A list of texts in a column.
  func texts(_ column: String) throws(RowProblem) -> [String] {
    let value = try value(column)
    guard let list = value.array else {
      throw RowProblem(
        "'\(column)' in row \(number) must be a list of texts; found \(value.kindName)"
      )
    }
    var texts: [String] = []
    for (index, element) in list.enumerated() {
      guard let text = element.string else {
        throw RowProblem(
          "'\(column)' in row \(number) must be a list of texts; element \(index + 1) is "
            + element.kindName
        )
      }
      texts.append(Scalar.trimmed(text))
    }
    return texts
  }

  /// A number in a column, as a number or as text: `51.0` and `"51.0"` are `51`.
  func number(_ column: String) throws(RowProblem) -> String {
    let value = try value(column)
    let text = Scalar.text(value).map(Scalar.trimmed) ?? ""
    guard let number = Normalization.plainNumber(text) else {
      throw RowProblem(
        "'\(column)' in row \(self.number) must be a number; found "
          + (value.string == nil ? value.kindName : "'\(text)'")
      )
    }
    return number
  }

  /// `row 3 has no column 'question'; it has 'problem', 'solution'`.
  static func missing(_ column: String, in columns: [String], row: Int) -> String {
    let names = columns.map { "'\($0)'" }.joined(separator: ", ")
    return "row \(row) has no column '\(column)'; it has \(names.isEmpty ? "none" : names)"
  }
}

/// Columns in the making: what is absent is left out.
struct ColumnList {
  private var members: [(key: String, value: JSON)] = []

  /// Starts with an id, where the row has a usable one under a name.
  init(idOf row: PublishedRow, _ column: String = "id") {
    if let id = row.object[column], !id.isNull { members.append(("id", id)) }
  }

  init() {}

  mutating func add(_ name: String, _ text: String?) {
    if let text { members.append((name, .string(text))) }
  }

  mutating func add(_ name: String, _ texts: [String]?) {
    if let texts { members.append((name, .array(texts.map(JSON.string)))) }
  }

  var columns: JSONObject { JSONObject(members) }
}
