extension Result where Failure == any Error {
  /// What an asynchronous body comes to, so that something can be done before it is thrown on.
  init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
