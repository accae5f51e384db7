import Diagnostics
import Primitives
import YAMLTree

/// Reads the `models:` section.
struct ModelReader {
  let fields: FieldReader
  /// Names of shipped checkpoints; nil where they are not known, and any is taken.
  let shipped: [String]?

  private var findings: Findings { fields.findings }

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
    if entry.key == "api_key", entry.value.map == nil {
      findings.error(
        "an API key must not stand in a workflow",
        at: entry.value.location,
        hint: "write 'api_key: {env: VARIABLE}', '{file: PATH}' or '{command: [PROGRAM]}', and "
          + "revoke the key if it was ever committed"
      )
      return true
    }
    return false
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
    case (nil, let url?): source = endpoint(entry, url, values)
    }
    return source.map {
      ModelDeclaration(
        name: entry.key,
        source: $0,
        limits: limits(values["limits"]),
        price: price(values["price"]),
        location: entry.keyLocation
      )
    }
  }

  // MARK: - Embedded

  private func embeddedSource(
    _ entry: YAMLNode.Entry,
    _ embedded: DraftValue,
    _ values: DraftMembers
  ) -> ModelDeclaration.Source? {
    let foreign = ["model", "revision", "identity", "api_key"].first { values[$0] != nil }
    if let foreign, let value = values[foreign] {
      findings.error(
        "'\(foreign)' belongs to an endpoint, but model '\(entry.key)' is embedded",
        at: value.location,
        hint: "remove '\(foreign)': the digest of the checkpoint names the model"
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

  // MARK: - Endpoint

  private func endpoint(
    _ entry: YAMLNode.Entry,
    _ url: DraftValue,
    _ values: DraftMembers
  ) -> ModelDeclaration.Source? {
    let key = values["api_key"].map { apiKey($0, entry) }
    let isURL = check(url, hasKey: key != nil)
    guard let model = values["model"] else {
      findings.error(
        "model '\(entry.key)' lacks 'model'",
        at: entry.keyLocation,
        hint: "'model' is the name that the endpoint gives the model"
      )
      return nil
    }
    guard isURL, key == nil || key != .some(nil) else { return nil }
    if values["revision"] == nil {
      findings.warning(
        "model '\(entry.key)' has no 'revision': '\(model.text)' may stand for another model "
          + "tomorrow",
        at: model.location,
        hint: "add 'revision:' with the date or digest of the model"
      )
    }
    return .endpoint(
      ModelDeclaration.Endpoint(
        baseURL: url.text,
        model: model.text,
        revision: values["revision"]?.text,
        identity: values["identity"]?.text,
        provider: values["provider"]?.text ?? "openai",
        apiKey: key ?? nil
      )
    )
  }

  private func check(_ url: DraftValue, hasKey: Bool) -> Bool {
    guard let endpoint = EndpointURL(url.text) else {
      findings.error(
        url.text.contains("@")
          ? "'base_url' holds a name or a password"
          : "'base_url' is '\(url.text)', which is no address of a service",
        at: url.location,
        hint: "write 'https://host/v1', without name, password, '?' or '#'"
      )
      return false
    }
    if hasKey, !endpoint.isEncrypted, !endpoint.isLoopback {
      findings.error(
        "the API key would travel unencrypted to '\(endpoint.host)'",
        at: url.location,
        hint: "use 'https://', or leave 'api_key' out"
      )
      return false
    }
    return true
  }

  private func apiKey(_ value: DraftValue, _ entry: YAMLNode.Entry)
    -> ModelDeclaration.APIKeySource?
  {
    guard case .map(let members) = value.kind, members.count == 1, let (name, only) = members.first
    else {
      findings.error(
        "'api_key' of model '\(entry.key)' takes exactly one of 'env', 'file' and 'command'",
        at: value.location,
        hint: "write 'api_key: {env: VARIABLE}'"
      )
      return nil
    }
    switch (name, only.kind) {
    case ("file", .path(let path, _)): return .file(path)
    case ("command", .list(let words)) where !words.isEmpty: return .command(words.map(\.text))
    case ("env", _) where !only.text.isEmpty: return .environment(only.text)
    default:
      findings.error("'api_key.\(name)' is empty", at: only.location)
      return nil
    }
  }

  // MARK: - Limits and price

  private func limits(_ value: DraftValue?) -> ModelDeclaration.Limits {
    ModelDeclaration.Limits(
      concurrency: value?["concurrency"]?.int,
      requestsPerMinute: value?["requests_per_minute"]?.int,
      tokensPerMinute: value?["tokens_per_minute"]?.int,
      timeout: value?["timeout"]?.number
    )
  }

  private func price(_ value: DraftValue?) -> ModelDeclaration.Price? {
    value.map {
      ModelDeclaration.Price(
        input: $0["input"]?.number,
        output: $0["output"]?.number,
        training: $0["training"]?.number
      )
    }
  }
}

extension DraftValue {
  /// A text field's text; empty for anything else.
  fileprivate var text: String { if case .json(let json) = kind { json.string ?? "" } else { "" } }

  fileprivate subscript(name: String) -> JSON? {
    guard case .map(let members) = kind,
      case .json(let json) = members.first(where: { $0.name == name })?.value.kind
    else { return nil }
    return json
  }
}
