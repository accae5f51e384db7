package import Diagnostics
package import Execution
import Primitives
package import Workflow

/// Runs any program as a cached step.
package enum Command: RunnableKind {
  package static let name = "command"
  package static let version = 1
  package static let work = WorkClass.local
  package static let outputs: [ArtifactType] = [.files]
  package static let doc = """
    A program as a cached action. It runs in a scratch folder of its own, sees its inputs as \
    read-only files whose paths stand in environment variables of their names, and of the \
    environment only PATH, HOME and what `env` declares. What it prints is kept as a log. It \
    succeeds when it exits with 0 and has made every declared output.
    """

  package static let fields: [Field] = [
    Field("run", .list(.text), "The program and its arguments, started without a shell."),
    Field("shell", .text, "A line for `/bin/sh -c`, instead of `run`."),
    Field(
      "inputs",
      .map(
        .either([
          .record([Field("path", .path, required: true, "A file, relative to the workflow.")]),
          .reference(Reference.any),
        ])
      ),
      "Files and artifacts by the name of the variable that holds the path: a node, an output "
        + "`node.output` of another command, or `{path: FILE}`."
    ),
    Field("outputs", .map(.text), "Files that the program makes, by name, relative to its folder."),
    Field("env", .map(.text), "Environment variables and their values."),
    Field("pool", .text, inKey: false, "A pool of the workflow that the program takes a slot of."),
    Field("timeout", .duration, inKey: false, "How long it may take: `90s`, `15m`, `8h`."),
    Field(
      "retries",
      .integer(0...100),
      default: 0,
      inKey: false,
      "How often it is started again after a failure."
    ),
  ]

  private enum Reference {
    static let any = FieldType.Reference(ArtifactType.allCases)
  }

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let settings = instance.settings
    var problems: [Problem] = []
    if (settings["run"] != nil) == (settings["shell"] != nil) {
      problems.append(
        Problem(
          settings["run"] != nil
            ? "'\(instance.node)' has both 'run' and 'shell'; a command is one of them"
            : "'\(instance.node)' has neither 'run' nor 'shell'",
          at: settings["shell"]?.location ?? instance.location,
          hint: "write 'run: [program, argument]', or 'shell: \"…\"' for a line of shell"
        )
      )
    }
    if case .list(let arguments) = settings["run"]?.kind, arguments.isEmpty {
      problems.append(
        Problem(
          "'run' is empty",
          at: settings["run"]?.location,
          hint: "the program's name comes first"
        )
      )
    }
    problems += outputProblems(settings)
    return problems
  }

  /// Outputs never leave the scratch folder (promise P19).
  private static func outputProblems(_ settings: Settings) -> [Problem] {
    guard case .map(let members) = settings["outputs"]?.kind else { return [] }
    return members.compactMap { member in
      guard let file = member.value.json?.string else { return nil }
      guard let reason = OutputPath.reason(against: file) else { return nil }
      return Problem(
        "output '\(member.name)' is \(OutputPath.shown(file)), which is not a path inside the "
          + "command's folder: \(reason)",
        at: member.value.location,
        hint: "name a file such as 'result.json', without '..' or '/' "
          + "at the start"
      )
    }
  }

  package static func pools(of instance: Instance) -> [String] {
    instance.settings.text("pool").map { [$0] } ?? []
  }
}
