import ModelServer
import Primitives
import Store
import TestSupport
import Testing
import TinyLlama

/// The API without HTTP, over a store and two models of its own.
struct TestService {
  let folder: TemporaryFolder
  let store: Store
  let models: [String: String]
  private(set) var service: Service

  /// A service that forgets, or one that keeps files and jobs for `restarted`.
  init(keepsState: Bool = false) async throws {
    folder = try TemporaryFolder()
    store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
    var models: [String: String] = [:]
    for (name, seed) in [("tiny-a", Int64(1)), ("tiny-b", 2)] {
      models[name] = "\(folder.path)/\(name)"
      try TinyModel.checkpoint(seed: seed).write(to: "\(folder.path)/\(name)")
    }
    self.models = models
    service = try Service(
      models: models,
      objects: store.objects,
      stateFolder: keepsState ? "\(folder.path)/serve" : nil
    )
  }

  /// Another server over the same store and state; the one before must be stopped.
  func restarted() async throws -> TestService {
    var next = self
    next.service = try Service(
      models: models,
      objects: store.objects,
      stateFolder: "\(folder.path)/serve"
    )
    await next.service.resume()
    return next
  }

  func get(_ target: String) async throws -> Answer {
    try Answer(await service.answer(APIRequest(method: "GET", target: target)))
  }

  func delete(_ target: String) async throws -> Answer {
    try Answer(await service.answer(APIRequest(method: "DELETE", target: target)))
  }

  func post(_ target: String, _ json: JSON = .object(JSONObject())) async throws -> Answer {
    try await post(target, text: json.compactText)
  }

  func post(_ target: String, text: String) async throws -> Answer {
    try Answer(
      await service.answer(
        APIRequest(method: "POST", target: target, body: Array(text.utf8))
      )
    )
  }

  /// Uploads a file; returns its id.
  func upload(_ text: String, name: String = "train.jsonl") async throws -> String {
    let form = Form(fields: [("purpose", "fine-tune")], file: Array(text.utf8), name: name)
    let answer = try Answer(await service.answer(form.request))
    return try #require(answer.json["id"]?.string)
  }

  /// Asks again and again until a job is over.
  func finished(_ job: String) async throws -> JSON {
    while true {
      let json = try await get("/v1/fine_tuning/jobs/\(job)").json
      if ["succeeded", "failed", "cancelled"].contains(json["status"]?.string) { return json }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

/// A response with its body read as JSON.
struct Answer {
  let status: Int
  let body: [UInt8]
  let json: JSON

  init(_ response: APIResponse) throws {
    status = response.status
    body = response.body
    json = try JSON(parsing: response.body)
  }

  var message: String? { json["error"]?["message"]?.string }
  var param: String? { json["error"]?["param"]?.string }
  var code: String? { json["error"]?["code"]?.string }
}

/// What a client sends to upload a file.
struct Form {
  var fields: [(name: String, value: String)]
  var file: [UInt8]
  var name: String
  static let boundary = "d1f6e0a1"

  var contentType: String { "multipart/form-data; boundary=\(Self.boundary)" }

  var body: [UInt8] {
    var text = ""
    for field in fields {
      text += "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(field.name)\"\r\n\r\n"
      text += "\(field.value)\r\n"
    }
    text += "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"file\"; "
    text += "filename=\"\(name)\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    return Array(text.utf8) + file + Array("\r\n--\(Self.boundary)--\r\n".utf8)
  }

  var request: APIRequest {
    APIRequest(method: "POST", target: "/v1/files", contentType: contentType, body: body)
  }
}
