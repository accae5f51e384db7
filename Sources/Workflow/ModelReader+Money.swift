import Diagnostics
import Primitives

extension ModelReader {
  func limits(_ value: DraftValue?) -> ModelDeclaration.Limits {
    ModelDeclaration.Limits(
      concurrency: value?["concurrency"]?.int,
      requestsPerMinute: value?["requests_per_minute"]?.int,
      tokensPerMinute: value?["tokens_per_minute"]?.int,
      timeout: value?["timeout"]?.number
    )
  }

  /// The prices of a model; one without a date is warned of, since prices change.
  func price(_ value: DraftValue?, of model: String) -> ModelDeclaration.Price? {
    guard let value else { return nil }
    let price = ModelDeclaration.Price(
      input: value["input"]?.number,
      output: value["output"]?.number,
      training: value["training"]?.number,
      batch: value["batch"]?.number ?? 0.5,
      asOf: value["as_of"]?.string
    )
    let isFree = [price.input, price.output, price.training].allSatisfy { $0 ?? 0 == 0 }
    if price.asOf == nil, !isFree {
      findings.warning(
        "the price of model '\(model)' has no date",
        at: value.location,
        hint: "add 'as_of: YYYY-MM-DD', the day on which it was looked up: prices change"
      )
    }
    return price
  }

  /// How models tuned from this one are deployed; nil where something is wrong with it.
  func deployment(
    _ value: DraftValue,
    of model: String,
    _ provider: ModelDeclaration.Provider?
  ) -> ModelDeclaration.Deployment? {
    if provider == .openAI {
      findings.error(
        "'deploy' belongs to Azure OpenAI, but model '\(model)' speaks 'openai'",
        at: value.location,
        hint: "remove it: elsewhere a tuned model answers under its name as soon as it is there"
      )
      return nil
    }
    let places = ["subscription", "resource_group", "account"].map { value.member($0)?.text ?? "" }
    guard let written = value.member("token"),
      let token = keySource(written, "deploy.token", of: model)
    else { return nil }
    if let management = value.member("management"), !isService(management, "deploy.management") {
      return nil
    }
    if value["hourly"] == nil {
      findings.warning(
        "'deploy' of model '\(model)' has no 'hourly', so nobody can say what its deployments cost",
        at: value.location,
        hint: "add 'hourly:' with the price of an hour in USD"
      )
    }
    return ModelDeclaration.Deployment(
      subscription: places[0],
      resourceGroup: places[1],
      account: places[2],
      name: value["name"]?.string,
      sku: value["sku"]?.string ?? "standard",
      capacity: value["capacity"]?.int ?? 1,
      hourly: value["hourly"]?.number,
      token: token,
      management: value["management"]?.string
    )
  }
}
