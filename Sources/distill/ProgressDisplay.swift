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
    var running: [InstanceID: RunningInstance] = [:]
    /// Width of the live line on the screen, to be wiped before anything else is written.
    var live = 0
    /// When the live line was last drawn.
    var lastDrawn = ContinuousClock.now
    /// When a plain progress line was last written.
    var lastPlain = ContinuousClock.now
  }

  private let state = Mutex(State())
  private let json: Bool
  private let quiet: Bool
  private let isLive: Bool
  /// Ten events a second of an instance are more than anybody reads.
  private let throttle = Throttle(interval: .milliseconds(100))

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
        if case .progress(let id, let progress) = event, !throttle.lets(id, progress) { return }
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

  /// The closing lines.
  func end(_ summary: RunSummary, _ account: RunAccount, _ common: CommonOptions) {
    state.withLock { state in
      wipe(&state)
      guard !json, !quiet else { return }
      for line in SummaryText.lines(summary, account, common) { Terminal.error(line) }
    }
  }

  /// Draws what the throttle kept back, and how time goes by.
  func tick() {
    state.withLock { state in
      guard isLive, !state.running.isEmpty else { return }
      draw(&state)
    }
  }

  private func update(_ state: inout State, _ event: RunEvent) {
    switch event {
    case .started(_, _, let instances): state.total = instances
    case .instanceStarted(let id): state.running[id] = RunningInstance()
    case .progress(let id, let progress):
      state.running[id, default: RunningInstance()].note(progress)
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
    } else if case .progress(let id, _) = event {
      guard isLive else { return printPlain(id, &state) }
      // Each drawing is a write, and a service may answer thousands of calls a second.
      guard ContinuousClock.now - state.lastDrawn >= .milliseconds(100) else { return }
    }
    if isLive { draw(&state) }
  }

  /// Elsewhere than at a terminal: now and then a line, so that a log shows life and stays short.
  private func printPlain(_ id: InstanceID, _ state: inout State) {
    let now = ContinuousClock.now
    guard now - state.lastPlain >= .seconds(30), let text = state.running[id]?.text else { return }
    state.lastPlain = now
    Terminal.error("[\(state.done)/\(state.total)] \(id): \(text)")
  }

  private func draw(_ state: inout State) {
    wipe(&state)
    let running = state.running.sorted { $0.key < $1.key }.map { id, instance in
      instance.text.map { "\(id) \($0)" } ?? id.text
    }
    let line = "[\(state.done)/\(state.total)] " + running.joined(separator: "; ")
    let cut = String(line.prefix(max(20, Terminal.width - 1)))
    Terminal.errorRaw(cut)
    state.live = cut.count
    state.lastDrawn = ContinuousClock.now
  }

  private func wipe(_ state: inout State) {
    guard state.live > 0 else { return }
    Terminal.errorRaw("\r\u{1B}[K")
    state.live = 0
  }
}
