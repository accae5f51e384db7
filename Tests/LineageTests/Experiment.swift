import ModelService
import Primitives
import Store
import Tasks
import TestSupport

/// A store in which small experiments were run, in the forms that the engine writes: a teacher
/// labels rows, a student is tuned on them and scored.
struct Experiment {
  struct Row: Sendable {
    let id: String
    let question: String
    let label: String
  }

  /// What of a run differs from others.
  struct Options: Sendable {
    var rows = Experiment.rows(3)
    var prompt = "{{question}}\nThink."
    /// The teacher's answer to a row.
    var answer: @Sendable (Row) -> String = { "It is \($0.label)." }
    /// The student's answer to a row.
    var student: @Sendable (Row) -> String = { $0.label }
    var temperature = 0.0
    var seed = 0
    var isDirty = false
    /// Whether instances are recorded with the names of those they refer to.
    var namesSources = true
    var servedModel = "toll-1"
    /// Whether the ledger has the calls.
    var keepsCalls = true
    /// What the user says in a second turn; nil asks each row one question.
    var secondTurn: String?
  }

  let folder: TemporaryFolder
  let store: Store

  init() async throws {
    folder = try TemporaryFolder()
    store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
  }

  static func rows(_ count: Int) -> [Row] {
    (1...count).map { Row(id: "row-\($0)", question: "What is \($0) + 1?", label: "\($0 + 1)") }
  }

  static let teacher: JSON = [
    "endpoint": "https://example.net/v1", "model": "toll", "revision": "1",
  ]
  static let student: JSON = [
    "checkpoint": .string(Digest(of: "student").hex), "runtime": "1",
  ]

  /// Runs what is not there already, and gives the run's id.
  @discardableResult
  func run(_ options: Options = Options()) async throws -> String {
    let folder = try await store.runs.begin(workflow: "small", commit: "c0ffee")
    var writer = ExperimentRun(store: store, runID: folder.id, options: options)
    try await writer.perform()
    try await folder.writeRecord(writer.record)
    try await store.runs.finish(folder.id, status: .succeeded)
    return folder.id
  }
}

/// One run on its way.
struct ExperimentRun {
  let store: Store
  let runID: String
  let options: Experiment.Options
  private var instances: [JSON] = []
  private var files: [JSON] = []
  private var outputs: [String: [(part: String, object: ObjectRef)]] = [:]

  init(store: Store, runID: String, options: Experiment.Options) {
    self.store = store
    self.runID = runID
    self.options = options
  }

  mutating func perform() async throws {
    try await data()
    try await template()
    try await answers()
    try await training()
    try await scores()
  }

  var record: JSON {
    [
      "version": 1, "id": .string(runID),
      "workflow": ["name": "small", "path": "/p/w.yaml", "sha256": .string(Digest(of: "w").hex)],
      "parameters": ["seed": JSON(options.seed)], "tool": "0.1.0",
      "started_at_ms": 1_700_000_000_000,
      "git": [
        "commit": "c0ffee0000", "branch": "main", "remote": nil,
        "dirty": .bool(options.isDirty),
        "run_commit": options.isDirty ? "d1ce000000" : "c0ffee0000",
        "ref": .string("refs/distill/runs/\(runID)"),
        "inputs": [
          [
            "path": "rows.jsonl", "status": options.isDirty ? "dirty" : "clean", "blob": "b10b",
            "head_blob": "b10b", "pinned": options.isDirty ? "commit" : "head",
          ]
        ],
      ],
      "summary": [
        "status": "succeeded", "seconds": 1.0, "cost_usd": 0.5,
        "calls": ["made": 3, "reused": 0, "in_doubt": 0],
      ],
      "models": [
        "teacher": ["declared": ["model": "toll"], "identity": Experiment.teacher],
        "student": ["declared": ["embedded": "tiny"], "identity": Experiment.student],
      ], "machine": [:], "files": .array(files), "instances": .array(instances),
    ]
  }

  // MARK: - The nodes

  private mutating func data() async throws {
    let lines = options.rows.map { row -> JSON in
      [
        "id": .string(row.id), "label": .string(row.label), "question": .string(row.question),
        "talk": [.string(row.question), .string(options.secondTurn ?? "")],
      ]
    }
    let file = try await store.objects.put("\n" + text(lines))
    files.append(entry(file, "/p/rows.jsonl"))
    for name in ["train", "test"] {
      try await add(
        name,
        "dataset",
        settings: ["format": "jsonl", "skip": 0],
        files: ["path": .string(file.digest.hex)]
      ) { _ in [("rows", text(lines))] }
    }
  }

  private mutating func template() async throws {
    let file = try await store.objects.put(options.prompt)
    files.append(entry(file, "/p/templates/cot.yaml"))
    let prompt: JSON =
      options.secondTurn == nil
      ? ["max_tokens": 16, "messages": [["role": "user", "content": .string(options.prompt)]]]
      : ["max_tokens": 16, "messages": [], "turns": "talk"]
    try await add(
      "prompt",
      "select-template",
      settings: ["use": "math/cot"],
      files: ["use": .string(file.digest.hex)]
    ) { _ in
      [
        ("prompt", prompt.canonicalText), ("target", #"{"content":"{{label}}"}"#),
        ("reading", #"{"as":"number"}"#),
      ]
    }
  }

  private mutating func answers() async throws {
    let (rows, answer) = (options.rows, options.answer)
    let isTalk = options.secondTurn != nil
    try await add(
      "answers",
      "generate",
      settings: [
        "samples": 1, "seed": JSON(options.seed),
        "decoding": ["temperature": .number(options.temperature)],
      ],
      inputs: [("data", "train", ["rows"]), ("template", "prompt", ["prompt"])],
      models: ["model": Experiment.teacher],
      facts: [
        "made": JSON(rows.count), "reused": 0, "cost_usd": 0.5,
        "served_models": [.string(options.servedModel)],
      ]
    ) { run in
      for row in rows { try await run.ask(row, answer(row), Experiment.teacher) }
      let lines = rows.map { row -> JSON in
        let turn: JSON = ["state": "answered", "text": .string(answer(row))]
        var line = turn.object ?? JSONObject()
        line["id"] = .string(row.id)
        line["sample"] = 0
        if isTalk { line["turns"] = [turn, turn] }
        return .object(line)
      }
      return [("rows", text(lines))]
    }
    try await add(
      "labels",
      "parse",
      settings: ["invalid": "drop"],
      inputs: [
        ("completions", "answers", ["rows"]), ("data", "train", ["rows"]),
        ("reading", "prompt", ["reading"]),
      ]
    ) { _ in
      let reading = try Reading(json: ["as": "number"])
      let lines = rows.map { row -> JSON in
        let read = reading.read(answer(row), for: nil)
        return [
          "id": .string(row.id), "state": read.value == nil ? "unreadable" : "valid",
          "label": JSON(read.value), "strict": JSON(read.strict), "flexible": JSON(read.flexible),
          "votes": 1, "readable": 1,
        ]
      }
      return [("rows", text(lines)), ("summary", "{}")]
    }
  }

  private mutating func training() async throws {
    let rows = options.rows
    let answer = options.answer
    try await add(
      "training",
      "substitute-labels",
      inputs: [
        ("data", "train", ["rows"]), ("labels", "labels", ["rows"]),
        ("template", "prompt", ["prompt", "target"]),
      ]
    ) { _ in
      [
        ("rows", text(rows.map { ["messages": [.string(answer($0))]] })),
        ("ids", text(rows.map { .string($0.id) })), ("summary", "{}"),
      ]
    }
    let weights = "weights \(rows.map(answer)) \(options.seed)"
    try await add(
      "distilled",
      "fine-tune",
      settings: ["epochs": 5, "seed": JSON(options.seed)],
      inputs: [("data", "training", ["rows"])],
      models: ["model": Experiment.student],
      facts: ["job": "job-1"]
    ) { _ in
      [("manifest", weights), ("model", #"{"checkpoint":"\#(Digest(of: weights).hex)"}"#)]
    }
  }

  private mutating func scores() async throws {
    let (rows, student) = (options.rows, options.student)
    guard let manifest = outputs["distilled"]?.first(where: { $0.part == "manifest" }) else {
      preconditionFailure("BUG: the experiment tunes before it scores")
    }
    let model: JSON = ["checkpoint": .string(manifest.object.digest.hex), "runtime": "1"]
    try await add(
      "score",
      "evaluate",
      settings: ["samples": 1, "seed": JSON(options.seed)],
      inputs: [("data", "test", ["rows"]), ("template", "prompt", ["prompt", "reading"])],
      models: ["model": model]
    ) { run in
      var lines: [JSON] = []
      for row in rows {
        try await run.ask(row, student(row), model, temperature: 0)
        lines.append(
          RowResult(
            id: row.id,
            state: student(row) == row.label ? .correct : .wrong,
            expected: row.label,
            got: student(row),
            words: 1,
            promptTokens: 5,
            completionTokens: 1
          ).json
        )
      }
      let summary: JSON = ["metrics": ["accuracy": ["figures": ["all": ["value": 1.0]]]]]
      return [("rows", text(lines)), ("summary", summary.canonicalText)]
    }
  }

  // MARK: - Calls, results, entries

  /// Records a call as if a server had answered it.
  func ask(
    _ row: Experiment.Row,
    _ answer: String,
    _ model: JSON,
    temperature: Double? = nil
  ) async throws {
    guard options.keepsCalls else { return }
    guard let secondTurn = options.secondTurn else {
      let content = options.prompt.replacing("{{question}}", with: row.question)
      return try await ask([("user", content)], answer, model, temperature)
    }
    // The same answer in both turns.
    try await ask([("user", row.question)], answer, model, temperature)
    try await ask(
      [("user", row.question), ("assistant", answer), ("user", secondTurn)],
      answer,
      model,
      temperature
    )
  }

  private func ask(
    _ messages: [(role: String, content: String)],
    _ answer: String,
    _ model: JSON,
    _ temperature: Double?
  ) async throws {
    let call = ModelCall(
      LogicalRequest(
        messages: messages.map { PromptMessage(role: $0.role, content: $0.content) },
        decoding: DecodingParameters(
          temperature: temperature ?? options.temperature,
          maxTokens: 16
        )
      ),
      draw: Draw(seed: Int64(options.seed)),
      model: ModelIdentity(json: model)
    )
    let claim = try await store.ledger.claim(
      CallRequest(
        key: call.key,
        model: call.model.text,
        request: call.requestText,
        runID: runID,
        reserve: Money(usd: 1),
        account: "small"
      )
    )
    guard case .granted(let attempt) = claim else { return }
    let body: JSON = ["state": "answered", "text": .string(answer)]
    _ = try await store.ledger.settle(
      attempt,
      .answered,
      body: body.canonical,
      servedModel: options.servedModel,
      tokens: TokenCounts(prompt: 5, completion: 1),
      cost: Money(usd: 0.25)
    )
  }

  private mutating func add(
    _ name: String,
    _ kind: String,
    settings: JSON = [:],
    inputs: [(slot: String, from: String, parts: [String])] = [],
    files: JSON = [:],
    models: JSON = [:],
    facts: JSON = [:],
    _ make: (ExperimentRun) async throws -> [(part: String, text: String)]
  ) async throws {
    let consumed = JSON.object(JSONObject(inputs.map { ($0.slot, parts(of: $0.from, $0.parts)) }))
    let preimage: JSON = [
      "format": 1, "kind": .string(kind), "kind_version": 1, "settings": settings,
      "inputs": consumed, "models": models, "files": files, "versions": [:],
    ]
    let key = try await store.results.putPreimage(preimage)
    var result = try await store.results.lookup(key)
    let isReused = result != nil
    if result == nil {
      var made: [(part: String, object: ObjectRef)] = []
      for part in try await make(self) {
        made.append((part.part, try await store.objects.put(part.text)))
      }
      result = try await store.results.record(
        key: key,
        kind: kind,
        outputs: made,
        facts: facts,
        runID: runID
      )
    }
    guard let result else { preconditionFailure("BUG: no result") }
    outputs[name] = result.outputs
    var members: [(key: String, value: JSON)] = [
      ("id", .string(name)), ("kind", .string(kind)),
      ("status", isReused && result.runID != runID ? "reused" : "ran"), ("key", .string(key.hex)),
      ("inputs", consumed),
      (
        "outputs",
        .object(
          JSONObject(
            result.outputs.map {
              ($0.part, ["sha256": .string($0.object.digest.hex), "size": JSON($0.object.size)])
            }
          )
        )
      ), ("origin_run", .string(result.runID)), ("facts", result.facts), ("seconds", 0.5),
    ]
    if options.namesSources {
      members.append(
        ("sources", .object(JSONObject(inputs.map { ($0.slot, .string($0.from)) })))
      )
    }
    instances.append(.object(JSONObject(members)))
  }

  private func parts(of name: String, _ parts: [String]) -> JSON {
    let found = outputs[name]?.filter { parts.contains($0.part) } ?? []
    return .object(JSONObject(found.map { ($0.part, .string($0.object.digest.hex)) }))
  }

  private func entry(_ object: ObjectRef, _ path: String) -> JSON {
    ["path": .string(path), "sha256": .string(object.digest.hex), "size": JSON(object.size)]
  }
}

/// JSON Lines.
private func text(_ lines: [JSON]) -> String {
  lines.map { $0.canonicalText + "\n" }.joined()
}
