import ArgumentParser
import Foundation
import Primitives
import Store

/// Looks for damage in the store, and repairs it if asked to.
struct CacheVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read every object, table and record and name what is damaged.",
    discussion: """
      --repair moves what is damaged to 'quarantine/' in the cache, where nothing reads it; nothing is \
      deleted. Every answer that is whole is kept. It says how many answers were lost and what they \
      had cost, before anything is bought again. It needs the cache for itself, and may be stopped \
      and started again at any time.
      """
  )

  @Flag(help: "Move what is damaged away and save what can be read.")
  var repair = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await CommandErrors.handled {
      let path = try StoreLocation.find(
        option: common.cache,
        workflowFolder: FileManager.default.currentDirectoryPath
      )
      repair ? try await repairStore(at: path) : try await verifyStore(at: path)
    }
  }

  private func verifyStore(at path: String) async throws {
    let report = try await Store.verify(at: path)
    if common.json {
      Terminal.output(VerifyText.json(report, type: "verify"))
    } else {
      for line in VerifyText.lines(report) { Terminal.output(line) }
    }
    guard report.isSound else { throw ExitStatus.damagedCache }
  }

  private func repairStore(at path: String) async throws {
    let report = try await Store.repair(at: path)
    let left = try await Store.verify(at: path)
    if common.json {
      var json = VerifyText.json(report.found, type: "repair").object ?? JSONObject()
      json["done"] = .array(report.done.map(JSON.string))
      json["lost_answers"] = VerifyText.json(report.lost)
      json["quarantine"] = JSON(report.quarantine)
      json["left"] = .array(left.problems.map(VerifyText.json))
      Terminal.output(.object(json))
    } else {
      for line in VerifyText.lines(report.found) + VerifyText.repairLines(report) {
        Terminal.output(line)
      }
      for problem in left.problems { Terminal.output("left: \(problem.what)") }
    }
    guard left.isSound else { throw ExitStatus.damagedCache }
  }
}

/// What was found in a store, in words and as JSON.
enum VerifyText {
  static func lines(_ report: VerifyReport) -> [String] {
    var lines = report.problems.map { problem in
      """
      damaged: \(ForeignText.line(problem.what, limit: 1000))
        where: \(ForeignText.line(problem.place, limit: 1000))
        means: \(problem.meaning)
        hint: \(problem.hint)
      """
    }
    lines += report.leftovers.map { "left by a process that was killed: \(ForeignText.line($0))" }
    lines.append(
      "\(report.objects) objects, \(SizeText.of(report.bytes)), \(report.answers) answers, "
        + "\(report.problems.count) problems"
    )
    return lines + lostLines(report.lost, isRepaired: false)
  }

  static func repairLines(_ report: RepairReport) -> [String] {
    var lines = report.done.map { "repaired: \(ForeignText.line($0, limit: 1000))" }
    if let folder = report.quarantine { lines.append("what was damaged lies in '\(folder)' now") }
    if report.done.isEmpty { lines.append("nothing to repair") }
    return lines + lostLines(report.lost, isRepaired: true)
  }

  /// What has to be bought again, if anything has.
  private static func lostLines(_ lost: LostAnswers, isRepaired: Bool) -> [String] {
    guard !lost.isNothing else { return [] }
    let answers = Amounts.count(lost.count, "answer")
    let priced = lost.count - lost.unpriced
    var line = "lost: \(answers)"
    if priced > 0 { line += "; \(Amounts.count(priced)) of them had cost \(lost.cost)" }
    if lost.unpriced > 0 { line += "; the cost of \(Amounts.count(lost.unpriced)) is unknown" }
    if lost.mayBeMore { line += "; there may be more, of which nothing can be read" }
    return [
      line, "'distill plan WORKFLOW' says what it costs to buy them again; nothing was bought",
    ]
  }

  static func json(_ report: VerifyReport, type: String) -> JSON {
    [
      "type": .string(type), "version": 1, "objects": JSON(report.objects),
      "bytes": JSON(report.bytes), "answers": JSON(report.answers),
      "problems": .array(report.problems.map(json)),
      "leftovers": .array(report.leftovers.map(JSON.string)), "lost_answers": json(report.lost),
    ]
  }

  static func json(_ problem: VerifyProblem) -> JSON {
    [
      "kind": .string(problem.kind.rawValue), "where": .string(problem.place),
      "what": .string(problem.what), "means": .string(problem.meaning),
      "hint": .string(problem.hint),
    ]
  }

  static func json(_ lost: LostAnswers) -> JSON {
    [
      "count": JSON(lost.count), "cost_usd": .number(lost.cost.usd),
      "unpriced": JSON(lost.unpriced), "may_be_more": .bool(lost.mayBeMore),
    ]
  }
}
