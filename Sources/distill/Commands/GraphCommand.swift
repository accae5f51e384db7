import ArgumentParser
import Engine
import Workflow

/// Draws the workflow's graph as text for Mermaid or Graphviz.
struct GraphCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Print the workflow's graph for Mermaid or Graphviz."
  )

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case mermaid, dot
  }

  @OptionGroup var options: WorkflowOptions

  @Option(help: "mermaid or dot.")
  var form = Form.mermaid

  @Flag(help: "Draw every instance instead of every node.")
  var instances = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let workflow = try Session.load(options, common)
    let graph = WorkflowGraph(workflow, byInstance: instances)
    Terminal.output(form == .mermaid ? graph.mermaid : graph.dot)
  }
}
