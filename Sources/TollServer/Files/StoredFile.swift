import Primitives

/// What is known of a file; its bytes lie beside.
struct StoredFile: ShelfItem {
  let id: String
  let sequence: Int
  let name: String
  let purpose: String
  let byteCount: Int
  let createdAt: Int64

  init(id: String, sequence: Int, name: String, purpose: String, byteCount: Int) {
    self.id = id
    self.sequence = sequence
    self.name = name
    self.purpose = purpose
    self.byteCount = byteCount
    createdAt = Clock.seconds
  }

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, let sequence = json["sequence"]?.int,
      let name = json["filename"]?.string, let purpose = json["purpose"]?.string,
      let byteCount = json["bytes"]?.int, let createdAt = json["created_at"]?.integer
    else { return nil }
    self.id = id
    self.sequence = sequence
    self.name = name
    self.purpose = purpose
    self.byteCount = byteCount
    self.createdAt = createdAt
  }

  var json: JSON {
    var members = shown.object ?? JSONObject()
    members["sequence"] = JSON(sequence)
    return .object(members)
  }

  /// Source of the shape: openai-python `types/file_object.py`.
  var shown: JSON {
    [
      "id": .string(id), "object": "file", "bytes": JSON(byteCount),
      "created_at": .integer(createdAt), "filename": .string(name), "purpose": .string(purpose),
      "status": "processed",
    ]
  }
}
