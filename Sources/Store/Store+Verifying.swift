import Primitives

extension Store {
  /// Reads every byte of the store and says what is not as it was written.
  ///
  /// Calls back with the number of objects read so far. Damage is reported, not thrown; what is
  /// thrown are refusals of the system.
  package func verify(
    progress: (@Sendable (Int) -> Void)? = nil
  ) async throws(StoreError) -> VerifyReport {
    try await Store.verify(at: path, progress: progress)
  }

  /// The same for a store that is too damaged to be opened.
  ///
  /// - Throws: `.missingStore`, `.newerFormat`, `.olderFormat`, or a refusal of the system.
  package static func verify(
    at path: String,
    progress: (@Sendable (Int) -> Void)? = nil
  ) async throws(StoreError) -> VerifyReport {
    try await Blocking.storeWork { () throws(StoreError) in
      var audit = StoreAudit(layout: StoreLayout(path: path))
      return try audit.run(progress: progress)
    }
  }
}
