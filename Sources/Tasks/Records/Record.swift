// Tasks: what an experiment is about. Records and the readers of data files, prompt templates,
// readings (how an answer is found in a completion), metrics.
// It knows nothing about YAML workflows, graphs, models or the store.

package import Diagnostics
package import Primitives

/// One row of a dataset: an id, the fields of its task, and the right answer where it is known.
///
/// As JSON it is one flat object, `{"id": …, "label": …, …fields}`; a dataset object in the store
/// holds one such object a line, in canonical form.
package struct Record: Hashable, Sendable {
  /// Unique in its dataset; compared as UTF-8 bytes.
  package let id: String
  /// The fields of the task, never one named `id` or `label`.
  package let fields: JSONObject
  /// The right answer as text; nil where the data gives none.
  package let label: String?

  package init(id: String, fields: JSONObject, label: String? = nil) {
    precondition(
      fields["id"] == nil && fields["label"] == nil,
      "BUG: 'id' and 'label' are not among the fields of record '\(id)'"
    )
    self.id = id
    self.fields = fields
    self.label = label
  }

  /// A field by name, `id` and `label` among them; nil where there is none.
  package subscript(name: String) -> JSON? {
    switch name {
    case "id": .string(id)
    case "label": label.map(JSON.string)
    default: fields[name]
    }
  }

  package static func == (left: Record, right: Record) -> Bool {
    UTF8Order.equal(left.id, right.id) && JSON(left.label) == JSON(right.label)
      && left.fields == right.fields
  }

  package func hash(into hasher: inout Hasher) {
    for byte in id.utf8 { hasher.combine(byte) }
  }
}

// MARK: - As JSON

extension Record {
  /// The flat object: `id`, then `label` if there is one, then the fields in their own order.
  package var json: JSON {
    var members: [(key: String, value: JSON)] = [("id", .string(id))]
    if let label { members.append(("label", .string(label))) }
    return .object(JSONObject(members + fields.members))
  }

  /// The canonical line of a dataset object, without its line feed.
  package var line: [UInt8] { json.canonical }

  /// Reads the flat object back; `id` and `label` must be texts.
  package init(json: JSON) throws(Problem) {
    guard var fields = json.object else {
      throw Problem("a record must be a map; found \(json.kindName)", at: nil)
    }
    guard let id = fields["id"]?.string else {
      throw Problem("a record must have an 'id' that is a text", at: nil)
    }
    let label = fields["label"]
    guard label == nil || label?.string != nil else {
      throw Problem("the 'label' of record '\(id)' must be a text", at: nil)
    }
    fields["id"] = nil
    fields["label"] = nil
    self.init(id: id, fields: fields, label: label?.string)
  }

  package init(line: some Collection<UInt8>) throws(Problem) {
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: line)
    } catch {
      throw Problem("a record is no JSON: \(error)", at: nil)
    }
    try self.init(json: json)
  }
}
