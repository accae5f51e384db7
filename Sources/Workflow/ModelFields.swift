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
      .choice(["openai"]),
      default: "openai",
      "The dialect that the endpoint speaks."
    ),
    Field(
      "api_key",
      .record([
        Field("env", .text, "The environment variable that holds the key."),
        Field("file", .path, "A file that holds the key and nothing else."),
        Field("command", .list(.text), "A program, with arguments, that prints the key."),
      ]),
      inKey: false,
      "Where the key is to be had when it is needed; never the key itself."
    ),
    Field("limits", .record(limits), inKey: false, "What the endpoint may be asked at most."),
    Field(
      "price",
      .record(price),
      inKey: false,
      "USD per million tokens. A price that is not written is unknown, not zero."
    ),
  ]

  private static let limits: [Field] = [
    Field("concurrency", .integer(1...100_000), "Calls in flight at once."),
    Field("requests_per_minute", .integer(1...100_000_000), "Calls begun in a minute."),
    Field(
      "tokens_per_minute",
      .integer(1...100_000_000_000),
      "Tokens, in and out, in a minute. Not kept to yet."
    ),
    Field("timeout", .duration, "How long one call may take."),
  ]

  private static let price: [Field] = [
    Field("input", .number(0...1_000_000), "For tokens of the prompt."),
    Field("output", .number(0...1_000_000), "For tokens of the answer."),
    Field("training", .number(0...1_000_000), "For tokens that a fine-tuning job reads."),
  ]
}
