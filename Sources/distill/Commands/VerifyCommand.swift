import ArgumentParser
import Engine
import Primitives
import Store
import Workflow

/// Compares the results that are there with the workflow's lock.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare results with the digests in the workflow's lock file.",
    discussion: """
      Runs nothing: run the workflow first. Exit code 0 if every result is, byte for byte, the one \
      that the lock expects; 1 if one differs or is not there.
      """
  )

  @OptionGroup var options: WorkflowOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let workflow = try Session.load(options, common)
    try await CommandErrors.handled {
      let lock = try await ProblemOutput.orExit(common) { try LockOutput.read(of: workflow) }
      let (verdicts, changed) = try await Session.with(workflow, common) { session in
        (
          try await session.engine.verdicts(on: lock),
          try await session.engine.differences(from: lock)
        )
      }
      show(verdicts, changed)
      guard changed.isEmpty, verdicts.allSatisfy({ $0.differing == [] }) else {
        throw ExitStatus.failed
      }
    }
  }

  private func show(_ verdicts: [LockVerdict], _ changed: [LockDifference]) {
    guard !common.json else {
      return Terminal.output([
        "type": "verify", "version": 1,
        "changed": .array(changed.map { .string($0.text) }),
        "instances": .array(
          verdicts.map { verdict in
            [
              "instance": .string(verdict.instance), "verdict": .string(verdict.word),
              "parts": .array((verdict.differing ?? []).map(JSON.string)),
            ]
          }
        ),
      ])
    }
    for difference in changed { Terminal.output(difference.text) }
    for verdict in verdicts where verdict.differing != [] || !common.quiet {
      let parts = verdict.differing.map { $0.isEmpty ? "" : " in \($0.joined(separator: ", "))" }
      Terminal.output("\(ForeignText.line(verdict.instance)): \(verdict.word)\(parts ?? "")")
    }
  }
}

extension LockVerdict {
  fileprivate var word: String {
    switch differing {
    case nil: "not run here"
    case []: "identical"
    default: "differs"
    }
  }
}
