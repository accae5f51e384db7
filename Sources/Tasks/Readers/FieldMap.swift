package import Primitives

/// Which column of a file becomes which field of a record: `fields:` of a dataset.
///
/// Without a map every column becomes the field of its name. With one, only the fields it names
/// are taken, so that a column nobody uses is in no key; `id` and `label` are still taken from the
/// columns of their names. An id that the file does not give is the row's number, from 1.
package struct FieldMap: Sendable {
  /// A field of the task and the column, or path into columns, that it comes from.
  package struct Entry: Sendable {
    package let field: String
    package let column: String
    let path: JSONPath?

    /// A column whose name is no path (`Sentence 1:`) is taken by its name alone.
    package init(field: String, column: String) {
      self.field = field
      self.column = column
      path = try? JSONPath(column)
    }

    func value(in columns: JSONObject) -> JSON? {
      columns[column] ?? path?.value(in: .object(columns))
    }
  }

  /// Nil takes every column as it is named.
  package let entries: [Entry]?

  package init(_ fields: [(task: String, column: String)]?) {
    entries = fields.map { $0.map { Entry(field: $0.task, column: $0.column) } }
  }

  /// The record that a row's columns make.
  package func record(_ columns: JSONObject, row: Int) throws(RowProblem) -> Record {
    var fields = try mapped(columns, row: row)
    let id = try self.id(fields["id"], row: row)
    let label = try self.label(fields["label"], row: row)
    fields["id"] = nil
    fields["label"] = nil
    return Record(id: id, fields: fields, label: label)
  }

  /// The columns under the names of the fields they are taken for.
  func mapped(_ columns: JSONObject, row: Int) throws(RowProblem) -> JSONObject {
    guard let entries else { return columns }
    var fields = JSONObject()
    for entry in entries {
      guard let value = entry.value(in: columns) else {
        throw RowProblem(
          PublishedRow.missing(entry.column, in: columns.keys, row: row),
          hint: "'fields' takes '\(entry.field)' from it; name a column that is there"
        )
      }
      fields[entry.field] = value
    }
    for name in ["id", "label"] where fields[name] == nil {
      fields[name] = columns[name]
    }
    return fields
  }

  private func id(_ value: JSON?, row: Int) throws(RowProblem) -> String {
    switch value {
    case nil: return String(row)
    case .string(let text) where !text.isEmpty: return text
    case .integer(let number): return String(number)
    case let value?:
      throw RowProblem(
        "the id of row \(row) must be a text or a whole number; found "
          + (value.string == nil ? value.kindName : "an empty text")
      )
    }
  }

  private func label(_ value: JSON?, row: Int) throws(RowProblem) -> String? {
    guard let value, !value.isNull else { return nil }
    guard let text = Scalar.text(value) else {
      throw RowProblem(
        "the label of row \(row) must be a text or a number; found \(value.kindName)",
        hint: "name a value inside it with a path, as in 'fields: {label: \"answers[0]\"}'"
      )
    }
    return text
  }
}
