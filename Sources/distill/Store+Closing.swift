import Store

extension Store {
  /// Runs a body and closes the store behind it, however the body ends.
  func closing<Value>(_ body: () async throws -> Value) async throws -> Value {
    let result = await Result { try await body() }
    await close()
    return try result.get()
  }
}
