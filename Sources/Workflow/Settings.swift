package import Diagnostics
package import Primitives

/// The settings of one instance: every field that was written or has a default, checked, typed,
/// with `${…}` put in and references resolved.
package struct Settings: Sendable {
  package private(set) var values: [(name: String, value: SettingValue)]

  package init(_ values: [(name: String, value: SettingValue)] = []) {
    self.values = values
  }

  package subscript(name: String) -> SettingValue? {
    values.first { $0.name == name }?.value
  }

  package func json(_ name: String) -> JSON? { self[name]?.json }
  /// A member of a record field; other members may hold references.
  package func json(_ name: String, _ member: String) -> JSON? {
    guard case .map(let members) = self[name]?.kind else { return self[name]?.json?[member] }
    return members.first { $0.name == member }?.value.json
  }
  package func text(_ name: String) -> String? { self[name]?.json?.string }
  package func integer(_ name: String) -> Int? { self[name]?.json?.int }
  package func number(_ name: String) -> Double? { self[name]?.json?.number }
  package func bool(_ name: String) -> Bool? { self[name]?.json?.bool }
  /// The file named by a `path` field, absolute.
  package func path(_ name: String) -> String? {
    if case .path(let path, _) = self[name]?.kind { path } else { nil }
  }
  /// The one thing that a reference field refers to.
  package func reference(_ name: String) -> ResolvedReference? {
    if case .reference(let reference) = self[name]?.kind { reference } else { nil }
  }
}

/// One checked value and where it was written (nil for a default).
package struct SettingValue: Sendable {
  package enum Kind: Sendable {
    /// A value without references or files in it.
    case json(JSON)
    /// An absolute path, and as written.
    case path(String, written: String)
    case reference(ResolvedReference)
    /// A wide reference: everything that it covers, in matrix order.
    case wide([ResolvedReference])
    case list([SettingValue])
    case map([(name: String, value: SettingValue)])
  }

  package let kind: Kind
  package let location: Location?

  package init(_ kind: Kind, at location: Location?) {
    self.kind = kind
    self.location = location
  }

  /// The value as JSON, where no reference or file is in it.
  package var json: JSON? {
    switch kind {
    case .json(let json): return json
    case .path, .reference, .wide: return nil
    case .list(let values):
      let elements = values.compactMap(\.json)
      return elements.count == values.count ? .array(elements) : nil
    case .map(let members):
      let pairs = members.compactMap { member in
        member.value.json.map { (key: member.name, value: $0) }
      }
      return pairs.count == members.count ? .object(JSONObject(pairs)) : nil
    }
  }
}

/// What a reference came to be at one point of the matrix.
package enum ResolvedReference: Hashable, Sendable {
  /// An instance, as one of its artifact types. `output` is set for `node.output` of a command.
  case instance(InstanceID, as: ArtifactType, output: String?)
  /// A model of the `models:` section, by name.
  case model(String)

  package var instance: InstanceID? {
    if case .instance(let id, _, _) = self { id } else { nil }
  }
}
