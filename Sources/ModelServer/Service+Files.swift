import Primitives

extension Service {
  /// `POST /v1/files`: a form with `file` and `purpose`.
  func uploadFile(_ request: APIRequest) async throws(APIError) -> APIResponse {
    let form = try MultipartForm(request.body, contentType: request.contentType)
    for part in form.parts where !["file", "purpose"].contains(part.name) {
      throw .invalid(part.name, "unknown parameter '\(part.name)'", code: "unknown_parameter")
    }
    guard let purpose = form["purpose"] else {
      throw .invalid("purpose", "'purpose' is missing", code: "missing_required_parameter")
    }
    guard purpose.content == Array("fine-tune".utf8) else {
      let found = String(decoding: purpose.content, as: UTF8.self)
      throw .invalid("purpose", "'purpose' is '\(found)'; this server takes 'fine-tune'")
    }
    guard let file = form["file"] else {
      throw .invalid("file", "'file' is missing", code: "missing_required_parameter")
    }
    let kept = try await shelf.add(
      file.content,
      name: file.filename ?? "file",
      purpose: .fineTune
    )
    return APIResponse(kept.json)
  }

  /// `GET /v1/files`, filtered by `purpose`, the newest first unless `order=asc`.
  func listFiles(_ request: APIRequest) async throws(APIError) -> APIResponse {
    let page = try Page(request, limit: 10_000, atMost: 10_000)
    var files = await shelf.all
    if let purpose = request.query("purpose") {
      files.removeAll { $0.purpose.rawValue != purpose }
    }
    switch request.query("order") {
    case nil, "desc": files.reverse()
    case "asc": break
    case let order?: throw .invalid("order", "'order' is '\(order)'; expected 'asc' or 'desc'")
    }
    return APIResponse(try page.json(files.map(\.json)))
  }

  /// `GET /v1/files/{id}`.
  func file(_ id: String) async throws(APIError) -> APIResponse {
    APIResponse(try await shelf.file(id).json)
  }

  /// `GET /v1/files/{id}/content`: the bytes as they were sent.
  func fileContent(_ id: String) async throws(APIError) -> APIResponse {
    let file = try await shelf.file(id)
    return APIResponse(
      contentType: "application/octet-stream",
      body: try await shelf.content(of: file)
    )
  }

  /// `DELETE /v1/files/{id}`.
  func deleteFile(_ id: String) async throws(APIError) -> APIResponse {
    try await shelf.remove(id)
    return APIResponse(["id": .string(id), "object": "file", "deleted": true])
  }
}
