import Diagnostics
import Primitives
import Testing
import Workflow

@Suite("Models")
struct ModelTests {
  /// A workflow whose node asks the model that is declared so.
  private static func checked(_ model: String, top: String = "") -> Checked {
    Checked(
      """
      \(top)
      models: {m: \(model)}
      nodes:
        train: {kind: dataset, format: jsonl, path: train.jsonl}
        answers: {kind: generate, model: m, template: math/cot, data: train}
      """
    )
  }

  private static func declaration(_ model: String) throws -> ModelDeclaration {
    try #require(try checked(model).workflow().expansion.models["m"])
  }

  private static func endpoint(_ model: String) throws -> ModelDeclaration.Endpoint {
    guard case .endpoint(let endpoint) = try declaration(model).source else {
      throw Unexpected()
    }
    return endpoint
  }

  private struct Unexpected: Error {}

  @Test("speak OpenAI's dialect over HTTP 1 where nothing else is said")
  func usual() throws {
    let endpoint = try Self.endpoint("{\(Written.plain)}")
    #expect(endpoint.provider == .openAI)
    #expect(endpoint.http == 1)
    #expect(endpoint.deployment == nil)
    #expect(try Self.declaration("{\(Written.plain)}").price == nil)
  }

  @Test("take Azure's dialect with its version")
  func azure() throws {
    #expect(
      try Self.endpoint("{\(Written.azure)}").provider == .azureOpenAI(apiVersion: "2024-10-21")
    )
    #expect(
      try Self.endpoint("{\(Written.azure), api_version: 2025-03-01-preview, http: 2}").provider
        == .azureOpenAI(apiVersion: "2025-03-01-preview")
    )
    #expect(try Self.endpoint("{\(Written.azure), http: 2}").http == 2)
  }

  @Test("carry prices, their date and the share of a batch")
  func price() throws {
    let price = try #require(
      try Self.declaration(
        "{\(Written.plain), price: {input: 5.33, output: 16, training: 3, batch: 40%, "
          + "as_of: 2024-01-31}}"
      ).price
    )
    #expect(price.input == 5.33)
    #expect(price.output == 16)
    #expect(price.training == 3)
    #expect(price.batch == 0.4)
    #expect(price.asOf == "2024-01-31")
    let bare = try #require(try Self.declaration("{\(Written.plain), price: {input: 1}}").price)
    #expect(bare.output == nil)
    #expect(bare.training == nil)
    #expect(bare.batch == 0.5)
    #expect(bare.asOf == nil)
  }

  @Test("carry how tuned models are deployed")
  func deployment() throws {
    let endpoint = try Self.endpoint(
      "{\(Written.azure), deploy: {\(Written.place), name: d, sku: developer, capacity: 3, "
        + "hourly: 1.7, token: {command: [az, token]}}}"
    )
    #expect(
      endpoint.deployment
        == ModelDeclaration.Deployment(
          subscription: "s",
          resourceGroup: "g",
          account: "a",
          name: "d",
          sku: "developer",
          capacity: 3,
          hourly: 1.7,
          token: .command(["az", "token"])
        )
    )
    let usual = try Self.endpoint("{\(Written.azure), deploy: {\(Written.place), token: {env: T}}}")
    #expect(usual.deployment?.name == nil)
    #expect(usual.deployment?.sku == "standard")
    #expect(usual.deployment?.capacity == 1)
    #expect(usual.deployment?.hourly == nil)
    #expect(usual.deployment?.token == .environment("T"))
  }

  @Test(
    "are told of a price without a date, unless it is nothing",
    arguments: [
      ("{input: 1, output: 2}", true), ("{input: 1, output: 2, as_of: 2024-01-31}", false),
      ("{input: 0, output: 0}", false), ("{training: 3}", true),
    ]
  )
  func undated(price: String, isWarned: Bool) {
    let problems = Self.checked("{\(Written.plain), price: \(price)}").problems
    #expect(problems.map(\.severity) == (isWarned ? [.warning] : []))
    #expect(problems.allSatisfy { $0.message == "the price of model 'm' has no date" })
  }

  @Test(
    "refuse days that are none, or not yet",
    arguments: [
      "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-1", "26-01-01", "+026-01-01",
      "2026-01-01T00:00", "today", "20260101",
    ]
  )
  func wrongDays(day: String) throws {
    let problem = try #require(
      Self.checked("{\(Written.plain), price: {as_of: '\(day)'}}").problems.first
    )
    #expect(
      problem.message
        == "'price.as_of' takes a date such as 2026-11-21, but here is the text '\(day)'"
    )
  }

  @Test(arguments: ["2024-02-29", "2000-02-29", "2023-11-30", "2024-01-31"])
  func rightDays(day: String) throws {
    #expect(
      try Self.declaration("{\(Written.plain), price: {input: 1, as_of: \(day)}}").price?.asOf
        == day
    )
  }

  /// A clock that is behind must not refuse what ran yesterday.
  @Test func futureDaysAreWarnings() {
    let text = Self.checked("{\(Written.plain), price: {input: 1, as_of: 9999-12-31}}").printed
    #expect(text.contains("warning: 'price.as_of' is 9999-12-31, which is in the future"))
  }

  @Test(
    "refuse what belongs to another dialect or to none",
    arguments: [
      ("{\(Written.plain), api_version: 2024-10-21}", "'api_version' belongs to Azure OpenAI"),
      ("{\(Written.azure), api_version: v2}", "'api_version' takes a version such as '2024-10-21'"),
      ("{\(Written.plain), http: 3}", "'http' takes a whole number from 1 to 2, but here is 3"),
      (
        "{base_url: https://n.openai.azure.com/openai, model: x, provider: azure-openai}",
        "without '/openai'"
      ),
      (
        "{base_url: https://n.openai.azure.com, model: x}",
        "'n.openai.azure.com' speaks the dialect of Azure OpenAI"
      ),
      ("{embedded: tiny-teacher, price: {input: 1}}", "'price' belongs to an endpoint"),
      ("{embedded: tiny-teacher, provider: openai}", "'provider' belongs to an endpoint"),
      ("{embedded: tiny-teacher, http: 1}", "'http' belongs to an endpoint"),
      (
        "{\(Written.plain), deploy: {\(Written.place), token: {env: T}}}",
        "'deploy' belongs to Azure OpenAI"
      ),
      ("{\(Written.azure), deploy: {\(Written.place)}}", "'deploy' lacks 'token'"),
      (
        "{\(Written.azure), deploy: {\(Written.place), token: {env: A, file: train.jsonl}}}",
        "'deploy.token' of model 'm' takes exactly one of 'env', 'file' and 'command'"
      ),
      (
        "{\(Written.azure), deploy: {\(Written.place), token: {env: ''}}}",
        "'deploy.token.env' is empty"
      ),
      (
        "{\(Written.azure), deploy: {\(Written.place), token: {env: T}, management: azure}}",
        "'deploy.management' is 'azure', which is no address of a service"
      ),
      (
        "{\(Written.azure), deploy: {\(Written.place), token: {env: T}, management: http://a.net}}",
        "the token would travel unencrypted to 'a.net'"
      ),
    ]
  )
  func refused(model: String, message: String) {
    let problems = Self.checked(model).problems.filter { $0.severity == .error }
    #expect(problems.count == 1, "\(problems)")
    #expect(problems.first?.message.contains(message) == true, "\(problems)")
  }

  @Test("take Azure's newer address as OpenAI's dialect")
  func newerAzure() throws {
    let model = "{base_url: https://n.openai.azure.com/openai/v1, model: x, revision: '1'}"
    #expect(try Self.endpoint(model).provider == .openAI)
  }

  @Test("never repeat a token that stands in the workflow")
  func inlineToken() {
    let checked = Self.checked("{\(Written.azure), deploy: {\(Written.place), token: eyJhbGciOi}}")
    #expect(checked.summary.contains { $0.hasSuffix("a token must not stand in a workflow") })
    #expect(!checked.printed.contains("eyJhbGciOi"), "\(checked.printed)")
  }
}

/// Fields of models, to which a test adds the one in question.
private enum Written {
  static let plain = "base_url: https://example.net/v1, model: x, revision: '1'"
  static let azure =
    "base_url: https://n.openai.azure.com, model: x, revision: '1', provider: azure-openai"
  static let place = "subscription: s, resource_group: g, account: a"
}
