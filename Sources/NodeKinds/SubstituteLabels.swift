package import Execution
package import Primitives
import Store
import Tasks
package import Workflow

/// Puts the teacher's labels where the data's own were, under the student's simple prompt.
package enum SubstituteLabels: RunnableKind {
  package static let name = "substitute-labels"
  package static let version = 2
  package static let work = WorkClass.local
  package static let outputs: [ArtifactType] = [.trainingSet]
  package static let doc = """
    A training set in chat form, one `{"messages": […]}` a line: the template's prompt for each \
    row of the dataset, and the row's label as the assistant's turn. Conversations keep every turn, \
    with the assistant's answers as they were labelled. Rows without a label are left out, and with \
    `keep` those whose label others do not share; both are counted by reason.
    """

  package static let fields: [Field] = [
    CommonFields.data,
    Field(
      "labels",
      .reference(.labels, parts: [Part.rows, Part.reading]),
      required: true,
      "The parse node whose labels are put in."
    ),
    Field(
      "template",
      .reference(.template, parts: [Part.prompt, Part.target]),
      required: true,
      "The simple prompt that the student is to answer."
    ),
    Field(
      "keep",
      .record([
        Field(
          "agreeing_with",
          .oneOrMany(
            .either([.choice([LabelAgreement.gold]), .reference(.labels, parts: [Part.rows])])
          ),
          required: true,
          "Who must have given the same label: other parse nodes, and `gold`, the data's own labels."
        )
      ]),
      "Which rows are kept, of those that have a label; all without it."
    ),
  ]

  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    var versions = JSONObject([("renderer", JSON(PromptTemplate.rendererVersion))])
    if instance.settings["keep"] != nil { versions["reading"] = JSON(Reading.version) }
    return versions
  }

  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    try await TemplateFit.check(inputs, services.objects)
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let objects = services.objects
    let template = inputs.require("template")
    let prompt = try PromptTemplate(
      json: JSON(parsing: try await objects.read(template.require(Part.prompt)))
    )
    let target = try TargetTemplate(
      json: JSON(parsing: try await objects.read(template.require(Part.target)))
    )
    let dataPath = try await objects.verifiedPath(inputs.require("data").require(Part.rows))
    let labelPath = try await objects.verifiedPath(inputs.require("labels").require(Part.rows))

    let maker = TrainingSetMaker(
      prompt: prompt,
      target: target,
      dataPath: dataPath,
      labelPath: labelPath,
      agreement: try await LabelAgreement(inputs, objects)
    )
    let tally = try await maker.write(to: output, objects)
    try await output.put(Part.summary, .object(tally.json))
    guard tally.kept > 0 else {
      throw NodeFailure(
        "no row of '\(inputs.instance.id)' "
          + (tally.unshared == 0 ? "has a label" : "has a label that the others share")
          + " (\(tally.reasonList))",
        reason: .badRows,
        hint: "look at the labels with 'distill get'"
      )
    }
    let notes =
      tally.kept < tally.rows
      ? ["\(tally.rows - tally.kept) of \(tally.rows) rows left out: \(tally.reasonList)"] : []
    return NodeOutcome(facts: tally.json, notes: notes)
  }
}
