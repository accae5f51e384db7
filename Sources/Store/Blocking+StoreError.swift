import Primitives

extension Blocking {
  /// `Blocking.run` for work whose errors are all of the store's own: fsync, hashing, locks.
  static func storeWork<Value: Sendable>(
    _ work: @escaping @Sendable () throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    let result: Result<Value, StoreError>
    do {
      result = try await run {
        do throws(StoreError) {
          return .success(try work())
        } catch {
          return .failure(error)
        }
      }
    } catch {
      preconditionFailure("BUG: a closure that gives a result threw \(error)")
    }
    return try result.get()
  }
}
