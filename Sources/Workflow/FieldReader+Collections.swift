import Diagnostics
import Primitives
import YAMLTree

extension FieldReader {
  func list(_ node: YAMLNode, of element: FieldType, _ type: FieldType, field: String)
    -> DraftValue?
  {
    guard let nodes = node.list else {
      mismatch(
        node,
        type,
        field: field,
        hint: node.scalarText.map { "put it in brackets: [\($0)]" }
      )
      return nil
    }
    let values = nodes.map { read($0, as: element, field: field) }
    guard values.allSatisfy({ $0 != nil }) else { return nil }
    return DraftValue(.list(values.compactMap(\.self)), at: node.location)
  }

  func map(_ node: YAMLNode, of element: FieldType, _ type: FieldType, field: String)
    -> DraftValue?
  {
    guard let entries = node.map else {
      mismatch(node, type, field: field)
      return nil
    }
    let members = entries.map { entry in
      (name: entry.key, value: read(entry.value, as: element, field: "\(field).\(entry.key)"))
    }
    guard members.allSatisfy({ $0.value != nil }) else { return nil }
    let complete = members.compactMap { member in member.value.map { (member.name, $0) } }
    return DraftValue(.map(complete), at: node.location)
  }

  func record(_ node: YAMLNode, _ fields: [Field], _ type: FieldType, field: String)
    -> DraftValue?
  {
    guard let entries = node.map else {
      mismatch(node, type, field: field)
      return nil
    }
    let owner = RecordOwner(
      name: "'\(field)'",
      prefix: "\(field).",
      location: node.location,
      notYet: []
    )
    let members = members(entries.map(FieldEntry.init), fields, of: owner)
    return members.areSound ? DraftValue(.map(members.values), at: node.location) : nil
  }

  func either(_ node: YAMLNode, _ types: [FieldType], _ type: FieldType, field: String)
    -> DraftValue?
  {
    guard let fitting = types.first(where: { $0.fits(node) }) else {
      mismatch(node, type, field: field)
      return nil
    }
    return read(node, as: fitting, field: field)
  }

  /// Reads the fields of a node, a model or a map with fields of its own.
  ///
  /// - Parameters:
  ///   - entries: What is written.
  ///   - fields: What may be.
  ///   - owner: Whose fields they are, for messages.
  ///   - areAll: Whether the entries are all there are, so that others are missing.
  /// - Returns: The fields that are right, and the defaults of those not written, in the order
  ///   declared.
  func members(
    _ entries: [FieldEntry],
    _ fields: [Field],
    of owner: RecordOwner,
    areAll: Bool = true
  ) -> DraftMembers {
    var areSound = true
    var values: [String: DraftValue] = [:]
    for entry in entries {
      guard let field = fields.first(where: { $0.name == entry.key }) else {
        reportUnknown(entry, fields, owner)
        areSound = false
        continue
      }
      let value = read(entry.value, as: field.type, field: owner.prefix + field.name)
      values[field.name] = value
      if value == nil { areSound = false }
    }
    let missing = fields.filter { field in
      field.isRequired && !entries.contains { $0.key == field.name }
    }
    if areAll, !missing.isEmpty {
      areSound = false
      findings.error(
        "\(owner.name) lacks \(Wording.all(missing.map(\.name)))",
        at: owner.location,
        hint: missing.map { "'\($0.name)' is \($0.type.wanted)" }.joined(separator: "; ")
      )
    }
    let written = Set(entries.map(\.key))
    let members = fields.compactMap { field -> (name: String, value: DraftValue)? in
      if written.contains(field.name) { return values[field.name].map { (field.name, $0) } }
      return field.defaultValue.map { (field.name, DraftValue(.json($0), at: nil)) }
    }
    return DraftMembers(values: members, areSound: areSound)
  }

  private func reportUnknown(_ entry: FieldEntry, _ fields: [Field], _ owner: RecordOwner) {
    let names = fields.map(\.name)
    if owner.notYet.contains(entry.key) {
      findings.error(
        "'\(entry.key)' of \(owner.name) is not there yet",
        at: entry.keyLocation,
        hint: "it comes with a later version; leave it out until then",
        notes: entry.notes
      )
      return
    }
    findings.error(
      "\(owner.name) has no field '\(entry.key)'",
      at: entry.keyLocation,
      hint: ForeignWords.hint(for: entry.key, among: names)
        ?? didYouMean(entry.key, among: names) ?? Self.listing(names),
      notes: entry.notes
    )
  }

  private static func listing(_ names: [String]) -> String {
    names.isEmpty ? "it has no fields" : "its fields are \(Wording.all(names))"
  }
}

/// An entry of a map, with notes on how it came there.
struct FieldEntry {
  let key: String
  let keyLocation: Location
  let value: YAMLNode
  var notes: [Problem.Note] = []

  init(_ entry: YAMLNode.Entry) {
    key = entry.key
    keyLocation = entry.keyLocation
    value = entry.value
  }
}

/// Whose fields are read, for messages.
struct RecordOwner {
  /// With quotes or article: `'generate'`, `a model`.
  let name: String
  /// Put before the names of its fields: `grid.`.
  let prefix: String
  let location: Location
  /// Fields that are designed and refused by name.
  let notYet: [String]
}

extension FieldType {
  /// Whether what is written has the form that the type takes; its value may still be wrong.
  func fits(_ node: YAMLNode) -> Bool {
    switch (self, node.value) {
    case (.any, _): true
    case (.text, .text), (.path, .text), (.reference, .text), (.axis, .text): true
    case (.choice(let words), .text(let text)): words.contains(text)
    case (.integer, .integer), (.number, .integer), (.number, .number): true
    case (.boolean, .bool): true
    case (.percent, .integer), (.percent, .number), (.duration, .integer), (.duration, .number):
      true
    case (.percent, .text(let text)): Units.percent(text) != nil
    case (.duration, .text(let text)): Units.duration(text) != nil
    case (.date, .text(let text)): CalendarDate(text) != nil
    case (.list, .list), (.oneOrMany, .list), (.map, .map), (.record, .map): true
    case (.oneOrMany(let element), _): element.fits(node)
    case (.either(let types), _): types.contains { $0.fits(node) }
    default: false
    }
  }
}
