package import Store

/// The records of a store's runs, each read once.
package actor RunRecords {
  private let store: Store
  private var known: [String: RecordedRun?] = [:]

  package init(_ store: Store) {
    self.store = store
  }

  /// The record of a run by its whole id; nil where none was written: the run goes on, or was killed
  /// before its end.
  ///
  /// - Throws: `StoreError.damagedFile` for a record that cannot be read.
  package func record(_ runID: String) async throws -> RecordedRun? {
    if let found = known[runID] { return found }
    let folder = store.runs.folder(runID)
    guard folder.hasRecord else {
      known[runID] = .some(nil)
      return nil
    }
    let json = try await folder.readRecord()
    do throws(RecordError) {
      let record = try RecordedRun(json: json)
      known[runID] = record
      return record
    } catch {
      throw StoreError.damagedFile(path: folder.recordPath, reason: error.description)
    }
  }

  /// The newest run that has a record.
  package func newest() async throws -> RecordedRun? {
    for run in try await store.runs.list() {
      if let record = try await record(run.id) { return record }
    }
    return nil
  }

  /// Every record, of the newest run first.
  package func all() async throws -> [RecordedRun] {
    var records: [RecordedRun] = []
    for run in try await store.runs.list() {
      if let record = try await record(run.id) { records.append(record) }
    }
    return records
  }
}
