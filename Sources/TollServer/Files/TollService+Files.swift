import Primitives

extension TollService {
  /// `POST /files`, `GET /files[/id[/content]]`, `DELETE /files/id`.
  func files(_ request: Request, _ entry: inout LedgerEntry) throws(ServiceError) -> Reply {
    let steps = request.route.steps
    switch (request.head.method, steps.count) {
    case ("POST", 1): return try upload(request, &entry)
    case ("GET", 1):
      let purpose = request.head.query("purpose")
      let files = cabinet.files.all.reversed().filter { purpose == nil || $0.purpose == purpose }
      return Reply(
        json: try Page(request.head, limit: 100, atMost: 10_000).json(files.map(\.shown))
      )
    case ("GET", 2): return Reply(json: try cabinet.find(steps[1]).shown)
    case ("GET", 3) where steps[2] == "content":
      return Reply(
        200,
        bytes: try cabinet.content(steps[1]),
        type: "application/octet-stream"
      )
    case ("DELETE", 2):
      entry.object = steps[1]
      try cabinet.remove(steps[1])
      return Reply(json: ["id": .string(steps[1]), "object": "file", "deleted": true])
    default: throw Self.noOperation(request)
    }
  }

  private func upload(
    _ request: Request,
    _ entry: inout LedgerEntry
  ) throws(ServiceError) -> Reply {
    let form = try MultipartForm(request.body, contentType: request.head["content-type"] ?? "")
    guard let file = form["file"] else {
      throw .invalid("file", "'file' is a required property")
    }
    guard let purpose = form["purpose"].map({ String(decoding: $0.content, as: UTF8.self) }),
      ["fine-tune", "batch", "assistants", "user_data", "evals"].contains(purpose)
    else { throw .invalid("purpose", "'purpose' is missing or not one that is offered") }
    if request.route.dialect == .azure, purpose == "fine-tune" {
      try Self.checkByteOrderMark(file.content)
    }
    let stored = try cabinet.add(
      file.content,
      name: file.filename ?? "file",
      purpose: purpose
    )
    entry.object = stored.id
    return Reply(request.route.dialect == .azure ? 201 : 200, json: stored.shown)
  }

  /// Azure's documents ask for UTF-8 with a byte order mark.
  private static func checkByteOrderMark(_ bytes: [UInt8]) throws(ServiceError) {
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
    throw ServiceError(
      status: 400,
      message: "Invalid file format. Training files must be JSONL in UTF-8 with a byte-order mark "
        + "(BOM).",
      code: "invalidPayload"
    )
  }

  static func noOperation(_ request: Request) -> ServiceError {
    ServiceError(
      status: 404,
      message: "Invalid URL (\(request.head.method) \(request.head.path))"
    )
  }
}
