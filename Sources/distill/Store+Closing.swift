import Store

extension Store {
  /// Opens a store, and says so if something has it for itself and this waits.
  static func opened(at path: String, mode: Mode) async throws -> Store {
    try await open(at: path, mode: mode) {
      Terminal.error(
        "waiting: 'cache gc', 'cache import' or 'cache verify --repair' has the cache for itself"
      )
    }
  }

  /// Runs a body and closes the store behind it, however the body ends.
  func closing<Value>(_ body: () async throws -> Value) async throws -> Value {
    let result = await Result { try await body() }
    await close()
    return try result.get()
  }
}
