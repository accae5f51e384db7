import ArgumentParser
import NodeKinds
import Primitives
import Workflow

/// Prints the JSON Schema of workflows, or the reference made from the same declarations.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of workflow files, for editors.",
    discussion: """
      Put '# yaml-language-server: $schema=distill.schema.json' at the top of a workflow, and the \
      schema beside it.
      """
  )

  @Flag(help: "Print the reference in Markdown instead.")
  var markdown = false

  func run() {
    if markdown {
      Terminal.output(WorkflowReference.markdown(Languages.distill))
    } else {
      Terminal.output(WorkflowSchema.json(Languages.distill).prettyText)
    }
  }
}
