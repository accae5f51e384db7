import Primitives

/// One entry of a crate's graph: what it is, and what is said of it.
struct CrateEntity {
  let id: String
  private let types: [String]
  private var members: [(key: String, value: JSON)]

  /// Members whose value is nil are not said.
  init(_ id: String, _ types: String..., members: [(key: String, value: JSON?)]) {
    self.id = id
    self.types = types
    self.members = members.compactMap { member in member.value.map { (member.key, $0) } }
  }

  var json: JSON {
    let type: JSON = types.count == 1 ? .string(types[0]) : .array(types.map(JSON.string))
    return .object(JSONObject([("@id", .string(id)), ("@type", type)] + members))
  }

  var reference: JSON { Self.reference(to: id) }

  static func reference(to id: String) -> JSON { ["@id": .string(id)] }

  /// References to several entities, each once, in their order; a single one as no list, as the
  /// flattened form of JSON-LD has it; nil for none.
  static func references(to ids: [String]) -> JSON? {
    var seen: Set<String> = []
    let distinct = ids.filter { seen.insert($0).inserted }
    guard distinct.count > 1 else { return distinct.first.map { reference(to: $0) } }
    return .array(distinct.map { reference(to: $0) })
  }

  /// Text as a part of an id: ids are URIs relative to the crate.
  static func idPart(_ text: String) -> String { PercentEncoding.text(text, allowing: "@=/") }
}
