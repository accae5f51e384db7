import ArgumentParser
import Engine
import Primitives
import Workflow

/// Says why each instance is reused, would run, or ran.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say why an instance runs or is reused: what changed, down to the lines."
  )

  @OptionGroup var options: WorkflowOptions

  @Argument(help: "Instances or nodes to explain; all where none is named.")
  var instances: [String] = []

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let workflow = try Session.load(options, common)
    try await CommandErrors.handled {
      let all = try await Session.with(workflow, common) { try await $0.engine.explain() }
      let chosen = instances.isEmpty ? all : all.filter { isNamed($0.id.text) }
      guard !chosen.isEmpty else {
        Terminal.error(
          "error: no instance or node '\(instances.joined(separator: "', '"))'; there are "
            + all.map(\.id.text).joined(separator: ", ")
        )
        throw ExitStatus.usage
      }
      if common.json {
        Terminal.output([
          "type": "explain", "version": 1, "instances": .array(chosen.map(\.json)),
        ])
      } else {
        for explanation in chosen { show(explanation) }
      }
    }
  }

  private func isNamed(_ id: String) -> Bool {
    instances.contains { $0 == id || id.hasPrefix("\($0)@") }
  }

  private func show(_ explanation: Explanation) {
    Terminal.output("\(explanation.id): \(explanation.verdict.rawValue): \(explanation.reason)")
    for change in explanation.changes {
      Terminal.output("  \(change.name) changed:")
      for line in change.lines { Terminal.output("    \(line)") }
    }
  }
}
