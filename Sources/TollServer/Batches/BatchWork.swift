import Primitives

/// What of a batch is done, and the files that come of it.
struct BatchWork: Sendable {
  private let batch: Batch
  private let lines: [BatchLine]
  /// Lines that were worked on before it ended; the others have no answer.
  let doneCount: Int
  private let rows: Rows

  /// What a script does to rows, by line number from 1.
  private struct Rows: Sendable {
    var missing: Set<Int> = []
    var twice: Set<Int> = []
    var failed: [Int: Int] = [:]
    /// `shuffled` (the usual), `reversed` or `same`.
    var order = "shuffled"

    init(_ settings: JSON?) {
      missing = Set(settings?["missing"]?.array?.compactMap(\.int) ?? [])
      twice = Set(settings?["twice"]?.array?.compactMap(\.int) ?? [])
      for (key, value) in settings?["failed"]?.object?.members ?? [] {
        if let line = Int(key), let status = value.int { failed[line] = status }
      }
      order = settings?["order"]?.string ?? order
    }
  }

  init(_ batch: Batch, _ lines: [BatchLine], doneCount: Int, settings: JSON?) {
    self.batch = batch
    self.lines = lines
    self.doneCount = min(doneCount, lines.count)
    rows = Rows(settings)
  }

  /// Numbers of the lines that are charged, from 1, with what each costs.
  var charges: [(number: Int, line: BatchLine, charge: LedgerEntry.Charge)] {
    lines.prefix(doneCount).enumerated().compactMap { index, line in
      guard refusal(index + 1, line) == nil else { return nil }
      return (index + 1, line, ChatAnswer(line.call).charge)
    }
  }

  var refusedCount: Int {
    lines.prefix(doneCount).enumerated().count { refusal($0.offset + 1, $0.element) != nil }
  }
  var answeredCount: Int { doneCount - refusedCount }

  /// The status that a line is refused with; nil where it is answered.
  private func refusal(_ number: Int, _ line: BatchLine) -> Int? {
    if let status = rows.failed[number] { return status }
    guard let fault = line.fault, !fault.charges else { return nil }
    return fault.int("status") ?? 429
  }
}

// MARK: - Files

extension BatchWork {
  /// The file of answers, in an order of its own.
  var output: [UInt8] {
    var numbers = lines.prefix(doneCount).indices.map { $0 + 1 }.filter { number in
      !rows.missing.contains(number) && refusal(number, lines[number - 1]) == nil
    }
    numbers += numbers.filter { rows.twice.contains($0) }
    switch rows.order {
    case "reversed": numbers.reverse()
    case "shuffled":
      var dice = SeededGenerator(seed: Int64(batch.sequence), label: "batch")
      dice.shuffle(&numbers)
    default: break
    }
    return Self.file(numbers.map { row($0, response: response(lines[$0 - 1]), error: .null) })
  }

  /// The file of refused lines, and of those that the end of the batch left undone.
  func errors(endedBy status: String) -> [UInt8] {
    var records: [JSON] = []
    for (index, line) in lines.prefix(doneCount).enumerated() {
      guard let refusal = refusal(index + 1, line) else { continue }
      let body = ServiceError(status: refusal, message: "The line was refused.").reply(.openAI)
      let response = Self.response(refusal, (try? JSON(parsing: body.bytes)) ?? .null, line)
      records.append(row(index + 1, response: response, error: .null))
    }
    for index in lines.indices.dropFirst(doneCount) {
      let error: JSON = [
        "code": .string("batch_\(status)"),
        "message": .string("This request was not executed: the batch was \(status)."),
      ]
      records.append(row(index + 1, response: .null, error: error))
    }
    return Self.file(records)
  }

  private static func file(_ records: [JSON]) -> [UInt8] {
    records.flatMap { Array($0.compactText.utf8) + [0x0A] }
  }

  private func row(_ number: Int, response: JSON, error: JSON) -> JSON {
    [
      "id": .string("batch_req_\(batch.id.dropFirst(6))_\(number)"),
      "custom_id": .string(lines[number - 1].customID), "response": response, "error": error,
    ]
  }

  private func response(_ line: BatchLine) -> JSON {
    var answer = ChatAnswer(line.call)
    if let fault = line.fault { answer.apply(fault, to: line.call) }
    return Self.response(200, answer.json, line)
  }

  private static func response(_ status: Int, _ body: JSON, _ line: BatchLine) -> JSON {
    [
      "status_code": JSON(status), "request_id": .string("req_\(line.call.digest.short)"),
      "body": body,
    ]
  }
}
