import Foundation
package import Primitives
package import Transfer

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where events go: a service, one POST an event, or a file, one line an event.
package enum EventTarget: Sendable {
  case service(ExportClient)
  case file(path: String)

  /// The path of the service where the address has none, as clients of OpenLineage have it.
  private static let path = "/api/v1/lineage"

  /// Reads what a user wrote: an address of a service if it begins with http, else a file's path.
  ///
  /// The key goes with each event to a service, by `Authorization: Bearer`.
  ///
  /// - Throws: `ExportError` for an address that cannot be used, or not with a key.
  package init(_ text: String, key: String?, transfer: TransferClient) throws(ExportError) {
    guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
      guard !text.isEmpty else {
        throw ExportError("an empty name is no file", hint: "give a file or the URL of a service")
      }
      self = .file(path: text)
      return
    }
    let credential = key.map { ExportAddress.Credential.bearer($0) } ?? .none
    var address = try ExportAddress(text, credential: credential)
    if !address.hasPath {
      address = try ExportAddress(address.url + Self.path, credential: credential)
    }
    self = .service(ExportClient(address, transfer: transfer))
  }

  /// Sends one event to a service, or appends it to a file.
  ///
  /// - Throws: `ExportError`.
  package func send(_ event: JSON) async throws(ExportError) {
    switch self {
    case .service(let client):
      let answer = try await client.send(.post, "", event)
      guard answer.isSuccess else { throw client.refusal(answer, of: "an event was refused") }
    case .file(let path): try Self.append(Array("\(event.compactText)\n".utf8), to: path)
    }
  }

  /// Sends all events of a run that is over: a service gets one after the other, a file holds these
  /// and nothing else afterwards.
  ///
  /// - Throws: `ExportError` at the first that did not arrive.
  package func sendAll(_ events: [JSON]) async throws(ExportError) {
    guard case .file(let path) = self else {
      for event in events { try await send(event) }
      return
    }
    let text = events.map { "\($0.compactText)\n" }.joined()
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw ExportError("cannot write events to '\(path)': \(error.localizedDescription)")
    }
  }

  /// By one write, so that lines of several runs do not mix.
  private static func append(_ line: [UInt8], to path: String) throws(ExportError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw refusal(path) }
    defer { close(descriptor) }
    let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard count == line.count else { throw refusal(path) }
  }

  private static func refusal(_ path: String) -> ExportError {
    ExportError("cannot write events to '\(path)': \(String(cString: strerror(errno)))")
  }
}
