import Engine
import Execution
import Foundation
import Primitives
import Synchronization
import Workflow

/// Shows a run to people: a live line at a terminal, plain lines elsewhere, events with `--json`.
final class ProgressDisplay: Sendable {
  private struct State {
    var total = 0
    var done = 0
    var running: [InstanceID: CallProgress?] = [:]
    /// Width of the live line on the screen, to be wiped before anything else is written.
    var live = 0
    /// When a plain progress line was last written.
    var lastPlain = ContinuousClock.now
  }

  private let state = Mutex(State())
  private let json: Bool
  private let quiet: Bool
  private let isLive: Bool

  init(_ common: CommonOptions) {
    json = common.json
    quiet = common.quiet
    isLive = Terminal.errorIsTerminal && !common.json && !common.quiet
  }

  func show(_ event: RunEvent) {
    state.withLock { state in
      update(&state, event)
      if json {
        // The last line is the run's own and is printed when its record is written.
        if case .ended = event { return }
        Terminal.output(event.json)
      } else if !quiet {
        print(event, &state)
      }
    }
  }

  /// A line of its own, whatever stands on the screen.
  func note(_ text: String) {
    state.withLock { state in
      wipe(&state)
      if !json { Terminal.error(text) }
    }
  }

  /// The closing line.
  func end(_ summary: RunSummary) {
    state.withLock { state in
      wipe(&state)
      guard !json, !quiet else { return }
      Terminal.error(SummaryText.line(summary))
    }
  }

  private func update(_ state: inout State, _ event: RunEvent) {
    switch event {
    case .started(_, _, let instances): state.total = instances
    case .instanceStarted(let id): state.running.updateValue(nil, forKey: id)
    case .progress(let id, let progress): state.running.updateValue(progress, forKey: id)
    case .instanceEnded(let outcome):
      state.running.removeValue(forKey: outcome.id)
      state.done += 1
    case .ended: break
    }
  }

  private func print(_ event: RunEvent, _ state: inout State) {
    if case .instanceEnded(let outcome) = event, OutcomeText.isWorthALine(outcome) {
      wipe(&state)
      Terminal.error(OutcomeText.line(outcome))
    } else if case .progress(let id, let progress) = event, !isLive {
      printPlain(id, progress, &state)
    }
    if isLive { draw(&state) }
  }

  /// Elsewhere than at a terminal: now and then a line, so that a log shows life and stays short.
  private func printPlain(_ id: InstanceID, _ progress: CallProgress, _ state: inout State) {
    let now = ContinuousClock.now
    guard now - state.lastPlain >= .seconds(30) else { return }
    state.lastPlain = now
    Terminal.error("[\(state.done)/\(state.total)] \(id): \(ProgressText.of(progress))")
  }

  private func draw(_ state: inout State) {
    wipe(&state)
    let running = state.running.sorted { $0.key < $1.key }.map { id, progress in
      progress.map { "\(id) \(ProgressText.of($0))" } ?? id.text
    }
    let line = "[\(state.done)/\(state.total)] " + running.joined(separator: ", ")
    let cut = String(line.prefix(max(20, Terminal.width - 1)))
    Terminal.errorRaw(cut)
    state.live = cut.count
  }

  private func wipe(_ state: inout State) {
    guard state.live > 0 else { return }
    Terminal.errorRaw("\r\u{1B}[K")
    state.live = 0
  }
}

/// Counts of an instance in words.
private enum ProgressText {
  static func of(_ progress: CallProgress) -> String {
    var text = "\(progress.done)/\(progress.total) calls"
    if progress.reused > 0 { text += ", \(progress.reused) cached" }
    if progress.failed > 0 { text += ", \(progress.failed) unanswered" }
    return text
  }
}

/// An instance's end in words.
enum OutcomeText {
  /// Reused instances are counted only; and of those not run only the failures say something new.
  static func isWorthALine(_ outcome: InstanceOutcome) -> Bool {
    switch outcome.status {
    case .ran, .failed: true
    case .reused, .skipped, .interrupted: false
    }
  }

  static func line(_ outcome: InstanceOutcome) -> String {
    let time = outcome.seconds >= 0.05 ? " in \(TimeText.of(outcome.seconds))" : ""
    var text = "\(outcome.id): \(outcome.status.rawValue)"
    switch outcome.status {
    case .ran: text += time + counts(outcome.facts)
    case .reused: break
    case .failed, .skipped, .interrupted:
      text += ": \(outcome.failure.map { "\($0)" } ?? "")"
    }
    return ([text] + outcome.notes.map { "  note: \($0)" }).joined(separator: "\n")
  }

  private static func counts(_ facts: JSON) -> String {
    guard let made = facts["made"]?.int, let reused = facts["reused"]?.int else { return "" }
    return ", \(made) calls made, \(reused) reused"
  }
}

/// Durations as people say them.
enum TimeText {
  static func of(_ seconds: Double) -> String {
    if seconds < 10 { return "\((seconds * 10).rounded() / 10) s" }
    let whole = Int(seconds.rounded())
    if whole < 120 { return "\(whole) s" }
    return "\(whole / 60) min \(whole % 60) s"
  }
}

/// A run's end in words.
enum SummaryText {
  static func line(_ summary: RunSummary) -> String {
    var parts = ["\(summary.ran) ran", "\(summary.reused) reused"]
    if summary.failed > 0 { parts.append("\(summary.failed) failed") }
    if summary.skipped > 0 { parts.append("\(summary.skipped) skipped") }
    parts.append("\(summary.callsMade) calls made, \(summary.callsReused) reused")
    if summary.callsInDoubt > 0 { parts.append("\(summary.callsInDoubt) in doubt") }
    parts.append(summary.costUSD.map { "\(MoneyText.of($0))" } ?? "cost unknown")
    var text = "run \(summary.id) \(summary.status.rawValue) in \(TimeText.of(summary.seconds)): "
    text += parts.joined(separator: ", ")
    if summary.status == .interrupted || summary.status == .paused {
      text += "\nwhat was answered is kept; the same command goes on from here"
    }
    return text
  }
}

/// Money with as many digits as it needs.
enum MoneyText {
  static func of(_ usd: Double) -> String {
    usd == 0 ? "$0" : String(format: usd < 1 ? "$%.4f" : "$%.2f", usd)
  }
}
