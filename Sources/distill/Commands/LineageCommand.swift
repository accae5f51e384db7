import ArgumentParser
import Lineage
import Primitives
import Store

/// Says where something came from, and what was made of it.
struct LineageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage",
    abstract: "Show where a result, a row or a file came from, or what was made from it.",
    discussion: """
      What is asked about is an instance of the last run ('after@cot'), a run and its instance \
      ('RUN after@cot'), a file, or a digest (six digits or more of an output, an action key or an \
      input file). From there it goes back to templates, data files, models, commits and calls. \
      With --row it follows one row of scores, completions, labels, training set or dataset: to the \
      call and its answer, and through a tuned model to the rows that taught it.
      """
  )

  @Argument(help: "[RUN] INSTANCE, or a file, or a digest or the start of one.")
  var subject: [String]

  @Option(help: "One row: its id, or its number from 1.")
  var row: String?

  @Flag(help: "Show what was made from it instead of what it was made from.")
  var forward = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...2).contains(subject.count) else {
      throw ValidationError("name an instance, a run and its instance, a file or a digest")
    }
    if row != nil, forward {
      throw ValidationError("'--row' goes back from a row; it cannot go with '--forward'")
    }
  }

  func run() async throws {
    try await StoreCommand.with(common) { store in
      try await LineageErrors.handled {
        let records = RunRecords(store)
        let tracer = Tracer(store, records)
        let finder = LineageSubject(store: store, tracer: tracer, records: records)
        let found = try await finder.find(subject)
        if forward {
          try await showOffspring(found, tracer)
        } else if let row {
          try await show(row: row, try await trail(found, tracer), tracer)
        } else if case .file(let digest, let uses) = found {
          try await show(file: digest, uses, tracer)
        } else {
          show(try await trail(found, tracer), found)
        }
      }
    }
  }

  private func trail(_ subject: Subject, _ tracer: Tracer) async throws -> Trail {
    switch subject {
    case .instance(let instance, let run): return try await tracer.trail(of: instance, in: run)
    case .result(let result, _, _): return try await tracer.trail(of: result)
    case .file:
      throw LineageError(
        "an input file has no rows that were made",
        hint: "name the dataset that reads it"
      )
    }
  }

  // MARK: - Backwards

  private func show(_ trail: Trail, _ subject: Subject) {
    if common.json { return Terminal.output(LineageJSON.trail(trail)) }
    if case .result(_, let parts, let others) = subject, !parts.isEmpty {
      let more = others > 0 ? "; \(Amounts.count(others, "other action")) gave the same bytes" : ""
      Terminal.output("output '\(parts.joined(separator: "', '"))' of this\(more):")
    }
    print(LineageTrailText.tree(trail))
  }

  private func show(row: String, _ trail: Trail, _ tracer: Tracer) async throws {
    let limit = common.json ? nil : LineageRowText.trainingRows
    let rows = try await RowTracer(tracer, trail, trainingRows: limit).row(row)
    if common.json { return Terminal.output(LineageRowJSON.rows(rows)) }
    for row in rows { print(LineageRowText(trail).tree(row)) }
  }

  // MARK: - Files and what was made of them

  private func show(file digest: Digest, _ uses: [FileUse], _ tracer: Tracer) async throws {
    if common.json { return Terminal.output(LineageJSON.file(digest, uses)) }
    let offspring = try await tracer.offspring(of: [digest])
    print(
      TextTree(
        "sha256 \(digest.hex), an input file",
        details: uses.map(LineageFileText.line),
        branches: LineageOffspringText.branches(offspring).map { TextTree($0.title) }
      )
    )
  }

  private func showOffspring(_ subject: Subject, _ tracer: Tracer) async throws {
    let (title, digests) = start(subject)
    let offspring = try await tracer.offspring(of: Set(digests))
    if common.json { return Terminal.output(LineageJSON.offspring(offspring, of: digests)) }
    let branches = LineageOffspringText.branches(offspring)
    print(
      TextTree(
        title,
        details: branches.isEmpty ? ["nothing was made from it in this store"] : [],
        branches: branches
      )
    )
  }

  private func start(_ subject: Subject) -> (title: String, digests: [Digest]) {
    switch subject {
    case .instance(let instance, let run):
      return (
        "\(ForeignText.line(instance.id)) of run \(run.id)",
        instance.outputs.map(\.object.digest)
      )
    case .result(let result, let parts, _):
      let outputs = result.outputs.filter { parts.isEmpty || parts.contains($0.part) }
      return ("\(result.kind), key \(result.key.short)", outputs.map(\.object.digest))
    case .file(let digest, let uses):
      let path = uses.first.map { ForeignText.line($0.git?.path ?? $0.path) } ?? ""
      return ("\(path)  sha256 \(digest.hex)", [digest])
    }
  }

  private func print(_ tree: TextTree) {
    for line in tree.lines { Terminal.output(line) }
  }
}

/// A run's use of a file in a line.
enum LineageFileText {
  static func line(_ use: FileUse) -> String {
    let path = ForeignText.line(use.git?.path ?? use.path)
    let role = use.isWorkflow ? "the workflow file" : "read as"
    let state = use.git.map { ", \($0.status), blob \($0.blob?.prefix(10) ?? "unknown")" } ?? ""
    return "run \(use.runID) \(LineageStepText.commit(use.origin)): \(role) \(path)\(state)"
  }
}

/// Questions that have no answer are the user's to mend: exit code 2.
enum LineageErrors {
  static func handled(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as LineageError {
      Terminal.error("error: \(error.description)")
      if let hint = error.hint { Terminal.error("  hint: \(hint)") }
      throw ExitStatus.usage
    }
  }
}
