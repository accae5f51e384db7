import Diagnostics

extension ModelReader {
  /// The endpoint that a model's fields describe; nil where something is wrong with it.
  func endpoint(_ name: String, at place: Location, _ url: DraftValue, _ values: DraftMembers)
    -> ModelDeclaration.Source?
  {
    let key = values["api_key"].map { keySource($0, "api_key", of: name) }
    let provider = provider(name, values)
    let isURL = check(url, hasKey: key != nil, values["provider"]?.text ?? "")
    let deployment = values["deploy"].map { self.deployment($0, of: name, provider) }
    guard let model = values["model"] else {
      findings.error(
        "model '\(name)' lacks 'model'",
        at: place,
        hint: "'model' is the name that the endpoint gives the model"
      )
      return nil
    }
    guard isURL, key != .some(nil), deployment != .some(nil), let provider else { return nil }
    if values["revision"] == nil {
      findings.warning(
        "model '\(name)' has no 'revision': '\(model.text)' may stand for another model "
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
        provider: provider,
        apiKey: key ?? nil,
        http: values["http"]?.integer ?? 1,
        deployment: deployment ?? nil
      )
    )
  }

  // MARK: - Address

  private func check(_ url: DraftValue, hasKey: Bool, _ provider: String) -> Bool {
    guard isService(url, "base_url", hasKey: hasKey), let endpoint = EndpointURL(url.text) else {
      return false
    }
    return isResource(url, endpoint, provider)
  }

  /// Whether a field holds the address of a service, to which a key may travel if one does.
  func isService(_ url: DraftValue, _ field: String, hasKey: Bool = true) -> Bool {
    guard let endpoint = EndpointURL(url.text) else {
      findings.error(
        Self.wrongAddress(url.text, field),
        at: url.location,
        hint: "write 'https://host/v1', without name, password, '?' or '#'"
      )
      return false
    }
    if hasKey, !endpoint.isEncrypted, !endpoint.isLoopback {
      findings.error(
        "the \(field == "base_url" ? "API key" : "token") would travel unencrypted to "
          + "'\(endpoint.host)'",
        at: url.location,
        hint: field == "base_url" ? "use 'https://', or leave 'api_key' out" : "use 'https://'"
      )
      return false
    }
    return true
  }

  /// What stands in front of `@` or behind `?` may be a secret, and is not repeated.
  private static func wrongAddress(_ text: String, _ field: String) -> String {
    if text.contains("@") { return "'\(field)' holds a name or a password" }
    if text.contains("?") || text.contains("#") { return "'\(field)' holds a '?' or a '#'" }
    return "'\(field)' is '\(text)', which is no address of a service"
  }

  /// Azure's paths are put behind the address of the resource: one that has a part of them already
  /// would be asked for what is not there.
  private func isResource(_ url: DraftValue, _ endpoint: EndpointURL, _ provider: String) -> Bool {
    let isAzure = provider == "azure-openai"
    if isAzure, url.text.lowercased().split(separator: "/").dropFirst(2).contains("openai") {
      findings.error(
        "'base_url' of Azure OpenAI is the address of the resource, without '/openai'",
        at: url.location,
        hint: "write 'https://\(endpoint.host)'"
      )
      return false
    }
    if !isAzure, endpoint.host.hasSuffix(".openai.azure.com"), !url.text.contains("/openai/v1") {
      findings.error(
        "'\(endpoint.host)' speaks the dialect of Azure OpenAI",
        at: url.location,
        hint: "add 'provider: azure-openai', or end the address with '/openai/v1'"
      )
      return false
    }
    return true
  }

  // MARK: - Dialect

  private func provider(_ name: String, _ values: DraftMembers) -> ModelDeclaration.Provider? {
    let version = values["api_version"]
    guard values["provider"]?.text == "azure-openai" else {
      guard let version else { return .openAI }
      findings.error(
        "'api_version' belongs to Azure OpenAI, but model '\(name)' speaks 'openai'",
        at: version.location,
        hint: "remove it, or add 'provider: azure-openai'"
      )
      return nil
    }
    guard let version else { return .azureOpenAI(apiVersion: ModelFields.usualAPIVersion) }
    let text = version.text
    let date = text.hasSuffix("-preview") ? String(text.dropLast("-preview".count)) : text
    guard CalendarDate(date) != nil else {
      findings.error(
        "'api_version' takes a version such as '\(ModelFields.usualAPIVersion)' or "
          + "'2025-03-01-preview', but here is the text '\(text)'",
        at: version.location
      )
      return nil
    }
    return .azureOpenAI(apiVersion: text)
  }

  // MARK: - Secrets

  /// Where a secret is to be had; nil where it is not said in exactly one way, which is reported.
  func keySource(_ value: DraftValue, _ field: String, of model: String)
    -> ModelDeclaration.APIKeySource?
  {
    guard case .map(let members) = value.kind, members.count == 1, let (name, only) = members.first
    else {
      findings.error(
        "'\(field)' of model '\(model)' takes exactly one of 'env', 'file' and 'command'",
        at: value.location,
        hint: "write '\(field.split(separator: ".").last ?? ""): {env: VARIABLE}'"
      )
      return nil
    }
    switch (name, only.kind) {
    case ("file", .path(let path, _)): return .file(path)
    case ("command", .list(let words)) where !words.isEmpty: return .command(words.map(\.text))
    case ("env", _) where !only.text.isEmpty: return .environment(only.text)
    default:
      findings.error("'\(field).\(name)' is empty", at: only.location)
      return nil
    }
  }
}
