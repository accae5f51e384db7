import Primitives

/// The fields of an entry of `models:`: like those of a node kind, one declaration behind checker,
/// schema and reference.
package enum ModelFields {
  package static let doc = """
    A model is either shipped with the tool (or lies in a folder) and is served by the tool itself, \
    or it answers at an endpoint that speaks the OpenAI API.
    """

  /// Designed and refused by name until they are there: models on GPUs of one's own.
  package static let notYet = ["weights", "train", "serve"]

  package static let all: [Field] = [
    Field(
      "embedded",
      .text,
      "A shipped checkpoint (`tiny-teacher`, `tiny-student`), or a folder in Hugging Face layout: "
        + "`./models/mine`."
    ),
    Field("base_url", .text, "The endpoint of an OpenAI-compatible service, up to `/v1`."),
    Field("model", .text, "The model's name at the endpoint."),
    Field(
      "revision",
      .text,
      "What the name stands for today, a date or a digest; in every key. Without it the name is a "
        + "floating alias, which is warned of."
    ),
    Field(
      "identity",
      .text,
      "A name shared by endpoints that serve one and the same model."
    ),
    Field(
      "provider",
      .choice(["openai", "azure-openai"]),
      default: "openai",
      "The dialect that the endpoint speaks. With `azure-openai` the `base_url` is that of the "
        + "resource, `https://NAME.openai.azure.com`, and `model` the name of a deployment."
    ),
    Field(
      "api_version",
      .text,
      inKey: false,
      "The version of the API that requests to Azure OpenAI name; `\(usualAPIVersion)` where it is "
        + "not written."
    ),
    Field(
      "http",
      .integer(1...2),
      default: 1,
      inKey: false,
      "The version of the protocol. With 2, calls share a connection, and one reset of it puts all "
        + "of them in doubt."
    ),
    Field(
      "api_key",
      .record(keySources("the key")),
      inKey: false,
      "Where the key is to be had when it is needed; never the key itself."
    ),
    Field("limits", .record(limits), inKey: false, "What the endpoint may be asked at most."),
    Field(
      "price",
      .record(price),
      inKey: false,
      "USD per million tokens. A price that is not written is unknown, not zero; under a budget that "
        + "is an error."
    ),
    Field(
      "deploy",
      .record(deploy),
      inKey: false,
      "How a model tuned at Azure OpenAI is deployed, which it must be before it answers. It costs "
        + "by the hour until `distill jobs cancel` deletes it."
    ),
  ]

  package static let usualAPIVersion = "2024-10-21"

  /// Where a secret is to be had: exactly one of these.
  private static func keySources(_ secret: String) -> [Field] {
    [
      Field("env", .text, "The environment variable that holds \(secret)."),
      Field("file", .path, "A file that holds \(secret) and nothing else."),
      Field("command", .list(.text), "A program, with arguments, that prints \(secret)."),
    ]
  }

  private static let limits: [Field] = [
    Field("concurrency", .integer(1...100_000), "Calls in flight at once."),
    Field("requests_per_minute", .integer(1...100_000_000), "Calls begun in a minute."),
    Field("tokens_per_minute", .integer(1...100_000_000_000), "Tokens, in and out, in a minute."),
    Field("timeout", .duration, "How long one call may take."),
  ]

  private static let price: [Field] = [
    Field("input", .number(0...1_000_000), "For tokens of the prompt."),
    Field("output", .number(0...1_000_000), "For tokens of the answer."),
    Field("training", .number(0...1_000_000), "For tokens that a fine-tuning job trains on."),
    Field(
      "batch",
      .percent,
      default: 0.5,
      "What a call costs by the batch API, as a share of its price online; providers publish it."
    ),
    Field("as_of", .date, "When the prices were looked up; a price without a date is warned of."),
  ]

  private static let deploy: [Field] = [
    Field("subscription", .text, required: true, "The id of the Azure subscription."),
    Field("resource_group", .text, required: true, "The resource group that holds the account."),
    Field("account", .text, required: true, "The name of the Azure OpenAI resource."),
    Field("name", .text, "The deployment's name; where not written, one made for the model."),
    Field("sku", .text, default: "standard", "The kind of deployment."),
    Field(
      "capacity",
      .integer(1...1_000_000),
      default: 1,
      "Its size in units of the kind; for `standard`, thousands of tokens a minute."
    ),
    Field("hourly", .number(0...1_000_000), "What it costs, in USD an hour."),
    Field(
      "token",
      .record(keySources("the token")),
      required: true,
      "Where a token of the management plane is to be had; never the token itself."
    ),
    Field(
      "management",
      .text,
      "The address of the management plane; `https://management.azure.com` where it is not written. "
        + "National clouds have their own."
    ),
  ]
}
