import Primitives

/// The metadata of a request, by the API's limits: 16 texts of at most 512 characters.
enum Metadata {
  static func read(_ body: JSONObject) throws(ServiceError) -> JSON {
    guard let value = body["metadata"], !value.isNull else { return .null }
    guard let members = value.object?.members, members.count <= 16 else {
      throw .invalid("metadata", "'metadata' is no map of at most 16 members")
    }
    for (key, value) in members {
      guard key.count <= 64, let text = value.string, text.count <= 512 else {
        throw .invalid(
          "metadata.\(key)",
          "'metadata.\(key)' is no text of at most 512 characters under a name of at most 64"
        )
      }
    }
    return value
  }
}
