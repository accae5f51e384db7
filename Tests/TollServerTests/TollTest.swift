import Foundation
import Primitives
import TestSupport
import TollRig

/// A server with a folder of its own, and short ways to ask it.
final class TollTest {
  let folder: TemporaryFolder
  private(set) var toll: Toll
  private var arguments: [String]

  init(_ arguments: String..., environment: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    self.arguments = arguments
    toll = try Toll(ledger: "\(folder.path)/ledger", arguments, environment: environment)
  }

  var ledger: TollLedger { toll.ledger }

  /// Kills the server and starts one on the same ledger.
  func restart(_ arguments: String...) throws {
    toll.kill()
    if !arguments.isEmpty { self.arguments = arguments }
    toll = try Toll(ledger: toll.ledger.path, self.arguments)
  }

  func send(
    _ method: String,
    _ target: String,
    headers: [String: String] = [:],
    json: JSON? = nil
  ) throws -> Client.Answer {
    try Client(port: toll.port).send(
      method,
      target,
      headers: headers,
      body: json.map { Array($0.compactText.utf8) } ?? []
    )
  }

  func chat(
    _ prompt: String,
    key: String? = nil,
    _ members: [(key: String, value: JSON)] = []
  ) throws -> Client.Answer {
    try send(
      "POST",
      "/v1/chat/completions",
      headers: key.map { ["Idempotency-Key": $0] } ?? [:],
      json: Self.body(prompt, members)
    )
  }

  static func body(_ prompt: String, _ members: [(key: String, value: JSON)] = []) -> JSON {
    .object(
      JSONObject(
        [
          ("model", "toll-1"), ("max_tokens", 64),
          ("messages", [["role": "user", "content": .string(prompt)]]),
        ] + members
      )
    )
  }

  /// Uploads a file; its id.
  func upload(
    _ content: String,
    purpose: String,
    to path: String = "/v1/files"
  ) throws -> Client.Answer {
    let form =
      "--edge\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n\(purpose)\r\n"
      + "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rows.jsonl\"\r\n"
      + "Content-Type: application/jsonl\r\n\r\n\(content)\r\n--edge--\r\n"
    return try Client(port: toll.port).send(
      "POST",
      path,
      headers: ["Content-Type": "multipart/form-data; boundary=edge"],
      body: Array(form.utf8)
    )
  }

  /// The record of the last request.
  func lastRequest() throws -> JSON { try ledger.requests().last ?? .null }
}
