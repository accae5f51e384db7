import Primitives
import Workflow

/// Fields that several kinds share, so that they read the same everywhere.
enum CommonFields {
  /// Decoding parameters as written in a map; in field order, which is not the order in the key.
  static let decodingParameters: [Field] = [
    Field(
      "temperature",
      .number(0...2),
      default: 0.0,
      "0 takes the likeliest token each time; the default, for repeatability."
    ),
    Field("top_p", .number(0...1), default: 1.0, "Share of probability that is sampled from."),
    Field("top_k", .integer(1...1_000_000), "How many of the likeliest tokens are sampled from."),
    Field(
      "max_tokens",
      .integer(1...1_000_000),
      "Limit of an answer in tokens; the template's limit where not written."
    ),
    Field("stop", .oneOrMany(.text), "Texts at which an answer ends."),
    Field("presence_penalty", .number(-2...2), "Penalty for tokens that stand there already."),
    Field("frequency_penalty", .number(-2...2), "Penalty that grows with each repetition."),
  ]

  static let model = Field(
    "model",
    .reference(.model),
    required: true,
    "A model of the `models` section, or a fine-tune node."
  )

  static let template = Field(
    "template",
    .reference(.template, parts: ["prompt"]),
    required: true,
    "A library template `task/style`, a select-template node, or a tune node."
  )

  static let decoding = Field(
    "decoding",
    .either([.reference(.decoding, parts: ["chosen"]), .record(decodingParameters)]),
    "A tune node, or a map of decoding parameters. Without it: temperature 0, top_p 1, the "
      + "template's token limit."
  )

  static let data = Field(
    "data",
    .reference(.dataset),
    required: true,
    "The dataset whose rows are worked through."
  )

  static let samples = Field(
    "samples",
    .integer(1...1000),
    default: 1,
    "How many answers to draw for each row; above 1 only at a temperature above 0."
  )

  static let seed = Field(
    "seed",
    .integer(0...Int64(Int32.max)),
    default: 0,
    "Seed of the draws; sent to services that take one."
  )

  static let vote = Field(
    "vote",
    .choice(["majority"]),
    "How several samples of a row become one answer; ties are invalid."
  )

  static let accept = Field(
    "accept",
    .list(.choice(ReadableStates.names)),
    "States of answers that are read although the model did not end them by itself, such as "
      + "`[truncated]`. Without it they count as invalid."
  )

  static let mode = Field(
    "mode",
    .choice(Questionnaire.Mode.allCases.map(\.rawValue)),
    inKey: false,
    "`batch` sends the calls by the service's batch API, at about half the price and within a day; "
      + "`online`, the default, one by one. The answers count as the same."
  )

  static let allowOverlap = Field(
    "allow_overlap",
    .boolean,
    default: false,
    inKey: false,
    "Whether rows may be scored that the model was trained on. Without it such rows are an error, found "
      + "by content before anything is paid; with it they are a warning."
  )

  static let reroll = Field(
    "reroll",
    .integer(0...9),
    "How often an answer that is cut off, refused, filtered, empty, looping or no text is drawn "
      + "again, as a further call. The first usable draw counts; each is kept and paid, and the row "
      + "says which draw it shows."
  )
}
