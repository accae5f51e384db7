package import Lineage
package import Primitives
package import Store

/// The events of a run that is over, made from its record: those that it would have sent.
package enum RecordedEvents {
  /// In the order of the record, which is one in which they can have happened.
  ///
  /// - Throws: `StoreError`.
  package static func all(
    of run: RecordedRun,
    _ store: Store,
    _ records: RunRecords,
    namespace: String = RunIdentity.defaultNamespace
  ) async throws -> [JSON] {
    let times = try await RunTimes(of: run, store, records)
    let preimages = try await Preimage.all(of: run, store.objects)
    var events = LineageEvents(RunIdentity(run, namespace: namespace))
    var all = [events.started(at: times.start)]
    for instance in run.instances {
      // A result that was reused was made in another run: here it took no time.
      let span = instance.isOwn ? times[instance] : nil
      all += events.ended(
        ReportedInstance(instance),
        preimage: preimages[instance.id],
        start: span?.start ?? times.start,
        end: span?.end ?? (instance.isOwn ? times.end : times.start)
      )
    }
    let errors = run.instances.compactMap { entry in entry.error.map { "\(entry.id): \($0)" } }
    let error = errors.isEmpty ? nil : errors.joined(separator: "\n")
    all.append(events.ended(status: run.status, error: error, at: times.end))
    return all
  }
}
