package import Diagnostics
package import Execution
package import Primitives
import Store
import Tasks
package import Workflow

/// Takes a template of the library or of a file, with worked examples if wanted.
package enum SelectTemplate: RunnableKind {
  package static let name = "select-template"
  package static let version = 1
  package static let work = WorkClass.preparation
  package static let outputs: [ArtifactType] = [.template]
  package static let doc = """
    A prompt template: one of the library (`use: task/style`, overridden by \
    `workflows/templates/`) or a file. It holds the prompt, how its answers are read, and how a \
    label becomes the assistant's turn, each a part of its own: changing how answers are read \
    reruns no call.
    """

  package static let fields: [Field] = [
    Field("use", .text, "A library template, `task/style`."),
    Field("file", .path, "A template file, relative to the workflow."),
    Field(
      "examples",
      .record([
        Field(
          "data",
          .reference(.dataset, parts: [Part.rows]),
          required: true,
          "Where the examples are taken from."
        ),
        Field("rows", .integer(0...1000), required: true, "How many examples each prompt shows."),
        Field("seed", .integer(0...Int64.max), default: 0, "Seed of their choice."),
      ]),
      "Worked examples before the question; a row is never its own example."
    ),
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let named = instance.settings["use"] != nil
    guard named == (instance.settings["file"] != nil) else { return [] }
    return [
      Problem(
        named
          ? "'\(instance.node)' has both 'use' and 'file'; a template comes from one of them"
          : "'\(instance.node)' has neither 'use' nor 'file'",
        at: instance.settings["file"]?.location ?? instance.location,
        hint: "write 'use: task/style' for a library template, or 'file:' for one of your own"
      )
    ]
  }

  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    JSONObject([("renderer", JSON(PromptTemplate.rendererVersion))])
  }

  /// The engine gives the file of a library template in the slot `use`, since its bytes count.
  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    guard let file = inputs.file("file") ?? inputs.file("use") else {
      preconditionFailure("BUG: '\(inputs.instance.id)' has no template file")
    }
    let name = inputs.settings.text("use") ?? file.written
    // Read from the store, which keeps it: a later change can then be shown by its lines.
    let stored = try await services.objects.put(fileAt: file.path)
    guard stored == file.object else {
      throw NodeFailure("template '\(file.written)' changed while the run was starting")
    }
    let bytes = try await services.objects.read(stored)
    let template = try Template(bytes: bytes, name: name, file: file.path)
    var prompt = template.prompt
    if let rows = inputs.artifact("examples.data")?.require(Part.rows),
      let shots = inputs.settings.json("examples", "rows")?.int, shots > 0
    {
      let seed = inputs.settings.json("examples", "seed")?.integer ?? 0
      let source = DatasetSource(
        path: try await services.objects.verifiedPath(rows),
        name: "examples",
        format: Dataset.storedFormat,
        fields: nil
      )
      let examples = try await Blocking.run {
        try ExampleChoice.choose(from: source, rows: shots, seed: seed)
      }
      prompt = try prompt.adding(examples: examples, shots: shots, target: template.target)
    }
    try await output.put(Part.prompt, prompt.json)
    try await output.put(Part.target, template.target.json)
    try await output.put(Part.reading, template.reading.json)
    return NodeOutcome(facts: JSONObject([("template", .string(name))]))
  }
}
