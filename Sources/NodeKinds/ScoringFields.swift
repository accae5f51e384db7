import Execution
import Workflow

/// Fields that say what metrics need besides answers and gold labels.
enum ScoringFields {
  static let all: [Field] = [agreementWith, document, recogniser, price]

  private static let agreementWith = Field(
    "agreement_with",
    .reference(.labels, parts: [Part.rows]),
    "The labels that `agreement` compares with: a parse node behind the teacher's answers to the "
      + "same rows."
  )

  private static let document = Field(
    "document",
    .text,
    "The field with the text that a summary is of, for `entity_density`; `document` where not "
      + "written."
  )

  private static let recogniser = Field(
    "recogniser",
    .record([
      Field(
        "command",
        .list(.text),
        required: true,
        "The program and its arguments, started without a shell: it reads `{\"id\", \"text\"}` "
          + "lines and writes `{\"id\", \"entities\", \"tokens\"}` lines."
      ),
      Field(
        "files",
        .list(.path),
        "Files that the program is or reads. An argument equal to one becomes its path, and their "
          + "digests stand in the key."
      ),
    ]),
    "A program that finds entities for `entity_density`, spaCy say, instead of the built-in rules."
  )

  private static let price = Field(
    "price",
    .record([
      Field("input", .number(0...1_000_000), required: true, "USD per million prompt tokens."),
      Field("output", .number(0...1_000_000), required: true, "USD per million answer tokens."),
    ]),
    "The price that `cost` is reckoned with; the model's own where not written."
  )

  static func documentField(_ settings: Settings) -> String {
    settings.text("document") ?? "document"
  }
}
