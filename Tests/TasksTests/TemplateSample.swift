import Primitives
import Tasks
import Testing

/// A shipped template with a record as the readers of its task give it, and an answer as the template
/// asks for it.
struct Sample: Sendable, CustomTestStringConvertible {
  let name: String
  let variables: [String]
  let record: Record
  /// Pieces of the rendered prompt.
  let shown: [String]
  let form: String
  let maxTokens: Int
  let answer: String
  /// What is read in it.
  let value: String
  /// Whether that is what the record's label says.
  var isLabel = true

  var testDescription: String { name }

  static let all: [Sample] = chats + choices + inferences + judges + numbers + summaries
}

extension Sample {
  private static let chats: [Sample] = [
    Sample(
      name: "chat/vanilla",
      variables: ["turns"],
      record: Record(
        id: "12",
        fields: JSONObject([
          ("turns", ["Which bird lays the largest egg?", "And the smallest?"]),
          ("answers", ["The ostrich.", "A hummingbird."]),
        ]),
        label: "A hummingbird."
      ),
      shown: ["helpful, honest and harmless", "\nWhich bird lays the largest egg?"],
      form: "text",
      maxTokens: 1024,
      answer: " The ostrich.\n",
      value: "The ostrich.",
      isLabel: false
    )
  ]

  private static let choices: [Sample] = [
    choice(
      "qa",
      "What do you write on?",
      ["paper", "soup", "rain", "wind"],
      label: "A",
      maxTokens: [16, 512]
    ),
    choice(
      "math-choice",
      "12 pens cost $6. What does one cost?",
      ["$2", "$0.50", "$72"],
      label: "B",
      maxTokens: [16, 800]
    ),
  ].flatMap(\.self)

  /// The short and the elaborate template of a task with choices.
  private static func choice(
    _ task: String,
    _ question: String,
    _ choices: [String],
    label: String,
    maxTokens: [Int]
  ) -> [Sample] {
    let fields = JSONObject([
      ("question", .string(question)), ("choices", .array(choices.map(JSON.string))),
    ])
    let list = "(A) \(choices[0])\n(B) \(choices[1])\n(C) \(choices[2])\n"
    let steps = "Let us see what fits.\nThe answer is (\(label))."
    return pair(
      task,
      variables: ["question", "choices"],
      Record(id: "7", fields: fields, label: label),
      shown: [question, list],
      form: "choice",
      maxTokens: maxTokens,
      answers: [label, steps]
    )
  }

  /// The templates `vanilla` and `cot` of a task, which differ in how they ask for the label.
  private static func pair(
    _ task: String,
    variables: [String],
    _ record: Record,
    shown: [String],
    form: String,
    maxTokens: [Int],
    answers: [String]
  ) -> [Sample] {
    ["vanilla", "cot"].enumerated().map { index, style in
      Sample(
        name: "\(task)/\(style)",
        variables: variables,
        record: record,
        shown: shown,
        form: form,
        maxTokens: maxTokens[index],
        answer: answers[index],
        value: record.label ?? ""
      )
    }
  }

  private static let inferences: [Sample] = pair(
    "nli",
    variables: ["premise", "hypothesis"],
    Record(
      id: "3",
      fields: JSONObject([
        ("premise", "Two dogs run along a beach."), ("hypothesis", "The dogs are asleep."),
      ]),
      label: "contradiction"
    ),
    shown: [
      "Premise: Two dogs run along a beach.\nHypothesis: The dogs are asleep.\n",
      "entailment, contradiction or neutral",
    ],
    form: "label",
    maxTokens: [16, 512],
    answers: [
      "Contradiction.",
      "Running dogs are awake. So it is no entailment. The answer is contradiction.",
    ]
  )

  private static let numbers: [Sample] = pair(
    "math",
    variables: ["question"],
    Record(
      id: "1",
      fields: JSONObject([("question", "Tom has 1,200 pens and buys 34. How many?")]),
      label: "1234"
    ),
    shown: ["Tom has 1,200 pens and buys 34. How many?\n\n"],
    form: "number",
    maxTokens: [16, 400],
    answers: ["1,234", "1,200 + 34 = 1,234. The answer is 1,234."]
  )

  private static let judges: [Sample] = [
    Sample(
      name: "judge/hhh-mt",
      variables: ["history", "request", "response"],
      record: judged,
      shown: [
        "<history>\nUser: Hi!\nAssistant: Hello.\nUser: Which bird?\nAssistant: The ostrich.\n</history>",
        "<request>\nAnd the smallest?\n</request>", "<answer>\nA hummingbird.\n</answer>",
      ],
      form: "rating",
      maxTokens: 300,
      answer: "It is right and to the point.\n\nRating: 5",
      value: "5"
    ),
    Sample(
      name: "judge/hhh-mt-turn",
      variables: ["request", "response"],
      record: judged,
      shown: [
        "<request>\nAnd the smallest?\n</request>", "<answer>\nA hummingbird.\n</answer>",
      ],
      form: "rating",
      maxTokens: 300,
      answer: "It does not say what is meant by smallest.\nRating: 3",
      value: "3"
    ),
    Sample(
      name: "judge/math-complexity",
      variables: ["question"],
      record: Record(id: "9", fields: JSONObject([("question", "2 pens and 3 pens?")]), label: "5"),
      shown: ["<problem>\n2 pens and 3 pens?\n</problem>"],
      form: "rating",
      maxTokens: 200,
      answer: "A single sum.\nRating: 1",
      value: "1",
      isLabel: false
    ),
  ]

  /// What the judge kind makes of a turn.
  private static let judged = Record(
    id: "12",
    fields: JSONObject([
      ("turns", ["Hi!", "Which bird?", "And the smallest?"]),
      (
        "history",
        [
          ["request": "Hi!", "response": "Hello."],
          ["request": "Which bird?", "response": "The ostrich."],
        ]
      ), ("request", "And the smallest?"), ("response", "A hummingbird."),
    ])
  )

  private static let document =
    "The harbour of Aldmouth froze on 3 January. Mayor Ines Ortega closed it to 40 ships."

  private static let summaries: [Sample] = [
    Sample(
      name: "summarization/vanilla",
      variables: ["document"],
      record: Record(id: "s", fields: JSONObject([("document", .string(document))])),
      shown: [document + "\n\n---\n\n", "about 80 words"],
      form: "text",
      maxTokens: 256,
      answer: "A harbour froze and was closed.",
      value: "A harbour froze and was closed."
    ),
    Sample(
      name: "summarization/cod",
      variables: ["document"],
      record: Record(id: "s", fields: JSONObject([("document", .string(document))])),
      shown: [document + "\n\n---\n\n", "\"Missing_Entities\"", "\"Denser_Summary\""],
      form: "json",
      maxTokens: 1600,
      answer: """
        [{"Missing_Entities": "harbour", "Denser_Summary": "A harbour froze."},
         {"Missing_Entities": "Aldmouth; 40 ships", "Denser_Summary": "Aldmouth's harbour froze, for 40 ships."}]
        """,
      value: "Aldmouth's harbour froze, for 40 ships."
    ),
  ]
}
