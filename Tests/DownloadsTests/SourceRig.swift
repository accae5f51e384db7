import Downloads
import Foundation
import Primitives
import Store
import Synchronization
import TestSupport
import Transfer

/// A store, a shelf over it that may fetch, and the waits between attempts written down, not waited.
struct SourceRig {
  let folder: TemporaryFolder
  let store: Store
  let waits = WaitList()
  let progress = ProgressList()

  init() async throws {
    folder = try TemporaryFolder()
    store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
  }

  func shelf(
    service: String = "http://127.0.0.1:1",
    _ change: (inout DownloadPace) -> Void = { _ in }
  ) -> SourceShelf {
    var fetching = SourceShelf.Fetching(client: TransferClient())
    fetching.service = HubService(address: service)
    fetching.pace.limits.connect = .seconds(5)
    fetching.pace.sleep = { [waits] in waits.add($0) }
    change(&fetching.pace)
    fetching.report = { [progress] in progress.add($0) }
    return SourceShelf(store, access: .open(fetching))
  }

  /// The bytes that a source comes to.
  func bytes(
    _ source: RemoteSource,
    _ shelf: SourceShelf? = nil
  ) async throws -> [UInt8] {
    let object = try await (shelf ?? self.shelf()).object(of: source, run: "run-1")
    return try await store.objects.read(object)
  }

  /// Why a source cannot be had; nil if it can.
  func failure(_ source: RemoteSource, _ shelf: SourceShelf? = nil) async throws -> SourceError? {
    do {
      _ = try await bytes(source, shelf)
      return nil
    } catch let error as SourceError {
      return error
    }
  }

  /// Names of what lies in the folder of partial files.
  var partials: [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "\(store.path)/downloads")
    return (names ?? []).sorted()
  }

  /// Lays down a partial file as a process that was killed leaves it.
  func leave(_ bytes: [UInt8], of source: RemoteSource) throws {
    let folder = "\(store.path)/downloads"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let name = source.digest?.hex ?? ""
    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name).part"))
  }
}

final class WaitList: Sendable {
  private let waits = Mutex<[Duration]>([])
  func add(_ wait: Duration) { waits.withLock { $0.append(wait) } }
  var all: [Duration] { waits.withLock { $0 } }
}

final class ProgressList: Sendable {
  private let steps = Mutex<[DownloadProgress]>([])
  func add(_ step: DownloadProgress) { steps.withLock { $0.append(step) } }
  var all: [DownloadProgress] { steps.withLock { $0 } }
}

/// A published file on a server of the tests, which may cut, change and misreport it.
struct PublishedFile: Sendable {
  var bytes: [UInt8]
  var tag: String? = "\"v1\""
  var knowsRanges = true
  /// How many bytes of a body the server sends for the request with that number before it hangs up.
  var cuts: [Int: Int] = [:]
  /// What the server says instead of the file for the request with that number.
  var statuses: [Int: Int] = [:]
  var headers: [String: String] = [:]

  /// Text of so many lines.
  init(lines: Int) {
    bytes = (0..<lines).flatMap {
      Array("{\"id\":\"\($0)\",\"question\":\"what is \($0)?\"}\n".utf8)
    }
  }

  var digest: Digest { Digest(of: bytes) }

  func answer(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    if let status = statuses[request.number] { return .answer(status, "no", headers: headers) }
    var headers = headers
    if let tag { headers["ETag"] = tag }
    let start = knowsRanges ? Self.start(request) : nil
    let isCurrent = request.header("If-Range").map { $0 == tag } ?? true
    guard let start, isCurrent else { return send(200, bytes[...], headers, request.number) }
    guard start < bytes.count else {
      return .answer(416, "", headers: ["Content-Range": "bytes */\(bytes.count)"])
    }
    headers["Content-Range"] = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
    return send(206, bytes[start...], headers, request.number)
  }

  private static func start(_ request: ScriptedServer.Received) -> Int? {
    request.header("Range").flatMap { $0.hasPrefix("bytes=") ? $0.dropFirst(6) : nil }
      .flatMap { Int($0.dropLast()) }
  }

  private func send(
    _ status: Int,
    _ body: ArraySlice<UInt8>,
    _ headers: [String: String],
    _ number: Int
  ) -> [ScriptedServer.Step] {
    let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    let head = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.count)\r\n\(lines)\r\n"
    guard let cut = cuts[number] else { return [.send(Array(head.utf8) + body)] }
    return [.send(Array(head.utf8) + body.prefix(cut)), .close]
  }

  func source(at server: ScriptedServer, path: String = "/train.jsonl") -> RemoteSource {
    .file(RemoteFile(url: server.url + path, digest: digest))
  }
}
