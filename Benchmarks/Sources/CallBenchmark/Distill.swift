import BenchmarkSupport
import Foundation

/// A run of a workflow whose `generate` node asks about every row; each answer is durable.
struct Distill: Client {
  let name: String
  let rows: Int
  let options: Options
  var onStart: (Int32) -> Void = { _ in }

  func measure(_ url: String, in folder: String) throws -> Figures {
    try write(url, in: folder)
    let process = try ChildProcess.run(
      [options.distill, "run", "calls.yaml", "--cache", "cache", "--json"],
      in: folder,
      onStart: onStart
    )
    try check(process)
    return Figures(
      calls: rows,
      seconds: try askingSeconds(process),
      wholeSeconds: process.seconds,
      processorSeconds: process.processorSeconds,
      peakMemory: process.peakMemory,
      storedBytes: Self.ledgerBytes(in: "\(folder)/cache")
    )
  }

  private func write(_ url: String, in folder: String) throws {
    try writeRows(to: "\(folder)/rows.jsonl")
    try """
    task: math
    description: The question as it is.
    messages:
      - {role: user, content: "{{question}}"}
    answer: {as: number}
    target: "{{label}}"
    max_tokens: 256

    """.write(toFile: "\(folder)/prompt.yaml", atomically: false, encoding: .utf8)
    try """
    models:
      fixed:
        base_url: \(url)
        model: fixed-1
        revision: "1"
        limits: {concurrency: \(options.concurrency)}
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      prompt: {kind: select-template, file: prompt.yaml}
      answers: {kind: generate, model: fixed, template: prompt, data: rows}

    """.write(toFile: "\(folder)/calls.yaml", atomically: false, encoding: .utf8)
  }

  /// A thousand rows at a time: what the benchmark itself holds counts in the peak of its children.
  private func writeRows(to path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let file = FileHandle(forWritingAtPath: path)
    else { throw BenchmarkError("cannot write '\(path)'") }
    for start in stride(from: 0, to: rows, by: 1000) {
      let lines = (start..<min(start + 1000, rows)).map { number in
        "{\"id\":\"r\(number)\",\"question\":\"Question \(number): a farmer has 3 rows of 14 trees. "
          + "How many trees are there?\",\"label\":\"42\"}\n"
      }
      try file.write(contentsOf: Data(lines.joined().utf8))
    }
    try file.close()
  }

  /// Makes sure that every row was asked about now, once.
  private func check(_ process: ChildProcess) throws {
    let summary = try event(process.lines.last)
    let calls = summary["calls"] as? [String: Any] ?? [:]
    guard summary["status"] as? String == "succeeded", calls["made"] as? Int == rows,
      calls["in_doubt"] as? Int == 0
    else { throw BenchmarkError("distill was to make \(rows) calls and says: \(summary)") }
  }

  /// From the start of the node to the report of the last answer: without the start of the program,
  /// the reading of the dataset, and the writing of the node's output from the ledger.
  private func askingSeconds(_ process: ChildProcess) throws -> Double {
    var start: Double?
    var end: Double?
    for line in process.lines where line.text.contains("\"instance\":\"answers\"") {
      if line.text.contains("\"instance-start\"") { start = line.seconds }
      if line.text.contains("\"done\":\(rows),") { end = end ?? line.seconds }
    }
    guard let start, let end else {
      throw BenchmarkError("distill reported no start or no end of the node 'answers'")
    }
    return end - start
  }

  private func event(_ line: ChildProcess.Line?) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data((line?.text ?? "").utf8)) as? [String: Any] ?? [:]
  }

  /// Of the database alone: its log is copied into it, and stays below a fixed size.
  private static func ledgerBytes(in cache: String) -> Int? {
    let path = "\(cache)/ledger.sqlite"
    return try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
  }
}
