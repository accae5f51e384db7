import Primitives
package import Store
import Synchronization

/// Sends the events of a run while it goes on, and never holds it up: whoever reports does not wait,
/// and a service that does not answer loses events, not time.
package final class LineageReporter: Sendable {
  /// What became of the events.
  package struct Report: Hashable, Sendable {
    package let sent: Int
    package let lost: Int
  }

  private enum Message: Sendable {
    case started(Moment)
    case instanceStarted(String, Moment)
    case instanceEnded(ReportedInstance, Moment)
    case ended(status: String, error: String?, Moment)
  }

  /// Messages that wait; a run with more instances than that at once loses the newest.
  private static let capacity = 1000
  /// A service that failed so often in a row is left alone for the rest of the run.
  private static let patience = 3

  private let messages: AsyncStream<Message>.Continuation
  private let sending: Task<Int, Never>
  private let reported = Mutex(0)

  /// Begins to send.
  ///
  /// Among the objects are preimages, which name the files that instances read. `warn` is told once,
  /// when the first event was lost, and why.
  package init(
    _ run: RunIdentity,
    to target: EventTarget,
    objects: ObjectStore,
    warn: @escaping @Sendable (String) -> Void
  ) {
    let (stream, messages) = AsyncStream<Message>.makeStream(
      bufferingPolicy: .bufferingOldest(Self.capacity)
    )
    self.messages = messages
    sending = Task {
      var line = Line(events: LineageEvents(run), target: target, objects: objects, warn: warn)
      for await message in stream { await line.send(message) }
      return line.sent
    }
  }

  package func started(at moment: Moment) { report(.started(moment)) }

  package func started(_ instance: String, at moment: Moment) {
    report(.instanceStarted(instance, moment))
  }

  package func ended(_ instance: ReportedInstance, at moment: Moment) {
    report(.instanceEnded(instance, moment))
  }

  /// The last of a run's events.
  package func ended(status: String, error: String?, at moment: Moment) {
    report(.ended(status: status, error: error, moment))
  }

  /// Waits until what was reported is sent, but no longer than this.
  package func finish(within limit: Duration) async -> Report {
    messages.finish()
    let alarm = Task { [sending] in
      if (try? await Task.sleep(for: limit)) != nil { sending.cancel() }
    }
    let sent = await sending.value
    alarm.cancel()
    await alarm.value
    return Report(sent: sent, lost: max(0, reported.withLock { $0 } - sent))
  }

  private func report(_ message: Message) {
    reported.withLock { $0 += 1 }
    messages.yield(message)
  }

  /// The one task that sends: it owns what the events know of each other.
  private struct Line {
    var events: LineageEvents
    let target: EventTarget
    let objects: ObjectStore
    let warn: @Sendable (String) -> Void
    var sent = 0
    var failuresInARow = 0
    var hasWarned = false

    mutating func send(_ message: Message) async {
      guard failuresInARow < LineageReporter.patience else { return }
      var all = await made(of: message)[...]
      do throws(ExportError) {
        while let event = all.popFirst() { try await target.send(event) }
        sent += 1
        failuresInARow = 0
      } catch {
        failuresInARow += 1
        if !hasWarned { warn(error.description) }
        hasWarned = true
      }
    }

    private mutating func made(of message: Message) async -> [JSON] {
      switch message {
      case .started(let moment): return [events.started(at: moment)]
      case .instanceStarted(let instance, let moment): return [events.started(instance, at: moment)]
      case .instanceEnded(let instance, let moment):
        return events.ended(
          instance,
          preimage: await preimage(of: instance),
          start: moment.adding(seconds: -instance.seconds),
          end: moment
        )
      case .ended(let status, let error, let moment):
        return [events.ended(status: status, error: error, at: moment)]
      }
    }

    /// An event without its files is better than none.
    private func preimage(of instance: ReportedInstance) async -> JSON? {
      guard let key = instance.key, objects.find(key) != nil,
        let bytes = try? await objects.read(key)
      else { return nil }
      return try? JSON(parsing: bytes)
    }
  }
}
