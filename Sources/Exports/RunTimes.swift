package import Lineage
import Primitives
package import Store

/// When a run and its instances began and ended, as far as the store knows.
///
/// A record says how long an instance took, the table of results when its result was recorded; so
/// an instance that failed has no times of its own.
package struct RunTimes: Sendable {
  package let start: Moment
  package let end: Moment
  private let instances: [String: Span]

  /// From when to when something was at work; nil where that is not known.
  package struct Span: Hashable, Sendable {
    package let start: Moment?
    package let end: Moment?
    /// The instance that the result was first made for, if its run's record is still there.
    package let origin: String?
  }

  /// - Throws: `StoreError`.
  package init(of run: RecordedRun, _ store: Store, _ records: RunRecords) async throws {
    start = Moment(milliseconds: run.startedAt)
    end = start.adding(seconds: run.seconds)
    var instances: [String: Span] = [:]
    for instance in run.instances {
      instances[instance.id] = try await Self.span(of: instance, store, records)
    }
    self.instances = instances
  }

  package subscript(instance: RecordedInstance) -> Span? { instances[instance.id] }

  /// When the instance's result was made, in this run or in the one it was reused from.
  private static func span(
    of instance: RecordedInstance,
    _ store: Store,
    _ records: RunRecords
  ) async throws -> Span? {
    guard let key = instance.key, let originID = instance.originRun else { return nil }
    let results = try await store.results.all(for: key)
    guard let result = results.last(where: { UTF8Order.equal($0.runID, originID) }) else {
      return nil
    }
    let end = Moment(milliseconds: result.madeAt)
    let maker = instance.isOwn ? instance : try await maker(of: instance, key, originID, records)
    return Span(
      start: maker.map { end.adding(seconds: -$0.seconds) },
      end: end,
      origin: maker?.id
    )
  }

  /// The instance of an earlier run that made the result; nil where that run left no record.
  ///
  /// Of several with one key, the one of the same name.
  private static func maker(
    of instance: RecordedInstance,
    _ key: Digest,
    _ runID: String,
    _ records: RunRecords
  ) async throws -> RecordedInstance? {
    let origin = try await records.record(runID)
    let makers = origin?.instances.filter { $0.key == key && $0.isOwn } ?? []
    return makers.first { UTF8Order.equal($0.id, instance.id) } ?? makers.first
  }
}
