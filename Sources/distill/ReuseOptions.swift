import ArgumentParser
import Diagnostics
import Engine
import Execution
import Primitives
import Store
import Synchronization
import Workflow

/// What of the cache a run may use, and whether it may make calls at all.
struct ReuseOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Do this node or instance again, whatever is cached: its calls are made and paid again, and "
        + "both answers are kept. A run that was cut off goes on. May be given several times.",
      valueName: "node"
    )
  )
  var fresh: [String] = []

  @Flag(help: "Do everything again; all calls are made and paid again.")
  var freshAll = false

  @Flag(help: "Make no call and start no job; what is missing is listed, and fails.")
  var frozen = false

  func validate() throws {
    if frozen, freshAll || !fresh.isEmpty {
      throw ValidationError("--frozen makes no calls, and --fresh wants all of them; give one")
    }
  }

  /// Ends with 2 if a name given to `--fresh` is no node or instance of the workflow.
  func check(_ workflow: CheckedWorkflow, _ common: CommonOptions) throws {
    let known = Set(workflow.expansion.instances.flatMap { [$0.id.text, $0.node] })
    let problems = fresh.filter { !known.contains($0) }.map { name in
      let nearest = NearestFit.find(name, among: known.sorted())
      return Problem(
        "'--fresh \(ForeignText.line(name))' names no node or instance of the workflow",
        at: nil,
        hint: nearest.map { "did you mean '\($0)'?" }
          ?? "there are \(Set(workflow.expansion.instances.map(\.node)).sorted().joined(separator: ", "))"
      )
    }
    guard problems.isEmpty else {
      ProblemOutput.show(problems, common)
      throw ExitStatus.usage
    }
  }

  /// What is asked for anew, for telling whether two runs ask for the same; nil if nothing is.
  func scope(commit: String?) -> JSON? {
    guard freshAll || !fresh.isEmpty else { return nil }
    let names = freshAll ? [] : Set(fresh).sorted(by: UTF8Order.less)
    return [
      "all": .bool(freshAll), "nodes": .array(names.map { .string($0) }), "commit": JSON(commit),
    ]
  }

  /// Which calls each instance may make; what a frozen run lacks goes to the list.
  func asking(missing: MissingList?) -> @Sendable (Instance) -> AskingMode {
    if frozen { return { _ in .nothing { try missing?.add($0) } } }
    let (names, isAll) = (Set(fresh), freshAll)
    return { instance in
      isAll || names.contains(instance.node) || names.contains(instance.id.text) ? .anew : .missing
    }
  }
}

/// `missing.jsonl` in a run's folder: a line for each call that a frozen run lacks.
final class MissingList: Sendable {
  private let folder: RunFolder
  private let number = Mutex(0)

  init(_ folder: RunFolder) { self.folder = folder }

  /// How many lines were added.
  var count: Int { number.withLock { $0 } }

  func add(_ call: JSON) throws {
    try number.withLock { number in
      try folder.appendMissing(call)
      number += 1
    }
  }
}
