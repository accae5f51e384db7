package import Primitives
package import Store
package import Transfer

/// Remote bytes: those that the store has, and where it is allowed those that it can fetch.
///
/// Nothing that the store has is fetched again.
package struct SourceShelf: Sendable {
  /// Whether the network may be used.
  package enum Access: Sendable {
    /// No: what is not in the store is missing. `because` ends "it is not in the store, and …".
    case closed(because: String, hint: String)
    case open(Fetching)
  }

  /// With what bytes are fetched, and who is told.
  package struct Fetching: Sendable {
    package var client: TransferClient
    package var service = HubService.ofEnvironment
    package var pace = DownloadPace()
    /// Called often, from any thread.
    package var report: @Sendable (DownloadProgress) -> Void = { _ in }

    package init(client: TransferClient) { self.client = client }
  }

  let store: Store
  package let access: Access

  package init(_ store: Store, access: Access = .looking) {
    self.store = store
    self.access = access
  }

  package var canFetch: Bool { if case .open = access { true } else { false } }

  /// The object that holds the bytes, if the store has it; they are not read.
  package func find(_ source: RemoteSource) async throws -> ObjectRef? {
    if let digest = source.digest { return store.objects.find(digest) }
    guard case .rows(let rows) = source else { return nil }
    let key = Digest(of: rows.preimage.canonical)
    return try await store.results.lookup(key)?.outputs.first?.object
  }

  /// The object that holds the bytes, fetched if need be.
  ///
  /// - Throws: `SourceError` where they cannot be had, `SystemError`, `StoreError`,
  ///   `CancellationError`.
  package func object(of source: RemoteSource, run id: String) async throws -> ObjectRef {
    if let object = try await find(source) { return object }
    switch access {
    case .closed(let because, let hint):
      throw SourceError("'\(source.name)' is not in the store, and \(because)", hint: hint)
    case .open(let fetching):
      return try await fetch(source, fetching, run: id)
    }
  }
}

extension SourceShelf.Access {
  /// For commands that only look.
  package static let looking = Self.closed(
    because: "this command fetches nothing",
    hint: "'distill run' fetches it; offline, 'distill import FILE' takes it from a file"
  )

  /// For runs that may use no network.
  package static let frozen = Self.closed(
    because: "--frozen makes no network call",
    hint: "run without --frozen, or take the file with 'distill import FILE'"
  )
}

/// How far a download is.
package struct DownloadProgress: Sendable {
  package enum Unit: String, Sendable {
    case bytes, rows
  }

  package let source: RemoteSource
  package let unit: Unit
  package let done: Int
  /// Nil where the server does not say.
  package let total: Int?
  /// Whether the bytes are in the store now.
  package let isEnd: Bool
}
