import Diagnostics
import Primitives
import YAMLTree

/// Reads the `models:` section.
struct ModelReader {
  let fields: FieldReader
  /// Names of shipped checkpoints; nil where they are not known, and any is taken.
  let shipped: [String]?

  var findings: Findings { fields.findings }

  func read(_ entry: YAMLNode.Entry) -> ModelDeclaration? {
    guard let written = entry.value.map else {
      findings.error(
        "model '\(entry.key)' takes a map, but here is \(entry.value.found)",
        at: entry.value.location,
        hint: "write '\(entry.key): {embedded: tiny-teacher}', or '{base_url: …, model: …}'"
      )
      return nil
    }
    let owner = RecordOwner(
      name: "model '\(entry.key)'",
      prefix: "",
      location: entry.keyLocation,
      notYet: []
    )
    let usable = written.filter { !refused($0) }
    let members = fields.members(usable.map(FieldEntry.init), ModelFields.all, of: owner)
    // What is wrong may be what says where the model is: then nothing more can be said.
    guard usable.count == written.count, members.areSound else { return nil }
    return declaration(entry, members)
  }

  /// Entries with a reason of their own to be refused.
  private func refused(_ entry: YAMLNode.Entry) -> Bool {
    if ModelFields.notYet.contains(entry.key) {
      findings.error(
        "'\(entry.key)' of a model is reserved for a later version (models on GPUs of your own)",
        at: entry.keyLocation,
        hint: "start the server yourself and name it by 'base_url', or use 'embedded'"
      )
      return true
    }
    if entry.key == "api_key" { return holdsSecret(entry.value, "an API key", "api_key") }
    if entry.key == "deploy", let token = entry.value["token"] {
      return holdsSecret(token, "a token", "token")
    }
    return false
  }

  /// Reports a secret that is written where it is to be said how to get it; the message must not
  /// repeat it.
  private func holdsSecret(_ node: YAMLNode, _ secret: String, _ field: String) -> Bool {
    guard node.map == nil else { return false }
    findings.error(
      "\(secret) must not stand in a workflow",
      at: node.location,
      hint: "write '\(field): {env: VARIABLE}', '{file: PATH}' or '{command: [PROGRAM]}', and "
        + "revoke it if it was ever committed"
    )
    return true
  }

  private func declaration(_ entry: YAMLNode.Entry, _ values: DraftMembers)
    -> ModelDeclaration?
  {
    let source: ModelDeclaration.Source?
    switch (values["embedded"], values["base_url"]) {
    case (nil, nil):
      findings.error(
        "model '\(entry.key)' has neither 'embedded' nor 'base_url'",
        at: entry.keyLocation,
        hint: "write 'embedded: tiny-teacher', or 'base_url:' and 'model:' of an endpoint"
      )
      source = nil
    case (_?, let url?):
      findings.error(
        "model '\(entry.key)' has both 'embedded' and 'base_url'",
        at: url.location,
        hint: "remove one of the two"
      )
      source = nil
    case (let embedded?, nil): source = embeddedSource(entry, embedded, values)
    case (nil, let url?): source = endpoint(entry.key, at: entry.keyLocation, url, values)
    }
    return source.map {
      ModelDeclaration(
        name: entry.key,
        source: $0,
        limits: limits(values["limits"]),
        price: price(values["price"], of: entry.key),
        location: entry.keyLocation
      )
    }
  }

  // MARK: - Embedded

  private static func reason(against field: String) -> String {
    switch field {
    case "model", "revision", "identity": "the digest of the checkpoint names the model"
    case "price": "a model that the tool serves itself costs nothing"
    default: "the tool serves the model itself"
    }
  }

  /// The first field written, and not taken by default, that says something of an endpoint only.
  private func ofEndpoints(_ values: DraftMembers) -> (name: String, place: Location)? {
    let own = ["embedded", "limits"]
    return values.values.lazy.compactMap { name, value in
      own.contains(name) ? nil : value.location.map { (name, $0) }
    }.first
  }

  private func embeddedSource(
    _ entry: YAMLNode.Entry,
    _ embedded: DraftValue,
    _ values: DraftMembers
  ) -> ModelDeclaration.Source? {
    if let (field, place) = ofEndpoints(values) {
      findings.error(
        "'\(field)' belongs to an endpoint, but model '\(entry.key)' is embedded",
        at: place,
        hint: "remove '\(field)': \(Self.reason(against: field))"
      )
      return nil
    }
    let name = embedded.text
    if name.contains("/") || name.hasPrefix(".") {
      let path = WorkflowPath.absolute(name, in: fields.folder)
      guard fields.files.kind(path) == .folder else {
        findings.error(
          "there is no folder '\(name)'",
          at: embedded.location,
          hint: "paths are relative to the workflow: looked for '\(path)'"
        )
        return nil
      }
      return .embedded(.folder(path))
    }
    if let shipped, !shipped.contains(name) {
      findings.error(
        "no checkpoint '\(name)' is shipped",
        at: embedded.location,
        hint: didYouMean(name, among: shipped)
          ?? (shipped.isEmpty ? "none is" : "shipped are \(Wording.all(shipped))")
          + "; a folder is written './\(name)'"
      )
      return nil
    }
    return .embedded(.shipped(name))
  }
}

extension DraftValue {
  var integer: Int? { if case .json(let json) = kind { json.int } else { nil } }
  /// A text field's text; empty for anything else.
  var text: String { if case .json(let json) = kind { json.string ?? "" } else { "" } }

  /// A member of a record.
  func member(_ name: String) -> DraftValue? {
    guard case .map(let members) = kind else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// A member of a record that is no reference and no file.
  subscript(name: String) -> JSON? {
    if case .json(let json) = member(name)?.kind { json } else { nil }
  }
}
