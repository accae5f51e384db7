import Foundation
import ModelService
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

/// Where a process is when it is killed: at a moment of its talk with a server.
///
/// A process that is killed does nothing more. So its request is held; its store is closed, which
/// frees its locks as its end would; and only then, if it was to read the answer, the server gives
/// it: what the process does with it cannot be recorded any more.
final class KillPoint: Sendable, CustomTestStringConvertible {
  enum Moment: String, Sendable {
    /// A file arrived, and is not kept.
    case upload
    case uploaded
    /// A job was asked for, and is not there.
    case creation
    case created
    case poll
    /// A file that a job made is asked for.
    case download
  }

  typealias Hook = @Sendable (Moment) -> [ScriptedServer.Step]?

  private struct State {
    var hasCome = false
    var isOpen = false
  }

  let moment: Moment
  /// Whether the answer arrives after the kill, and not never.
  let isAnswered: Bool
  private let state = Mutex(State())

  init(_ moment: Moment, isAnswered: Bool) {
    self.moment = moment
    self.isAnswered = isAnswered
  }

  var testDescription: String { "\(moment.rawValue), \(isAnswered ? "answered" : "no answer")" }

  /// Every point at which a process can be killed between the first and the last request.
  static var all: [KillPoint] {
    [
      KillPoint(.upload, isAnswered: false), KillPoint(.uploaded, isAnswered: false),
      KillPoint(.uploaded, isAnswered: true), KillPoint(.creation, isAnswered: false),
      KillPoint(.created, isAnswered: false), KillPoint(.created, isAnswered: true),
      KillPoint(.poll, isAnswered: false), KillPoint(.poll, isAnswered: true),
      KillPoint(.download, isAnswered: false), KillPoint(.download, isAnswered: true),
    ]
  }

  /// For the server: holds the first who comes to the moment.
  @Sendable
  func pass(_ moment: Moment) -> [ScriptedServer.Step]? {
    guard moment == self.moment else { return nil }
    let isFirst = state.withLock { state in
      defer { state.hasCome = true }
      return !state.hasCome
    }
    guard isFirst else { return nil }
    guard isAnswered else { return [.stall] }
    while !state.withLock(\.isOpen) { usleep(200) }
    return nil
  }

  func waitForArrival() async {
    while !state.withLock(\.hasCome) { try? await Task.sleep(for: .milliseconds(1)) }
  }

  func open() { state.withLock { $0.isOpen = true } }
}

extension Fixture {
  /// Does something in a process of its own, which is killed at the point.
  ///
  /// The server must be told of the point. What is returned ends with the fixture's server.
  func kill<Value: Sendable>(
    at point: KillPoint,
    _ body: @escaping @Sendable (CallService) async throws -> Value
  ) async throws -> Task<Value, any Error> {
    let killed = try await Store.open(at: store.path, mode: .existing)
    let service = service(runID: "killed", on: killed)
    let task = Task { try await body(service) }
    await point.waitForArrival()
    await killed.close()
    point.open()
    if point.isAnswered { _ = await task.result }
    return task
  }
}
