package import Primitives
package import Store
package import TinyLlama

/// What names a checkpoint in the store: the digests of its files.
///
/// Its canonical JSON is an object of the store, and the digest of that is the model's name:
/// `{"files":{"config.json":{"sha256":…,"size":…},…},"type":"checkpoint"}`. The files are written in
/// the one form that `Checkpoint` gives them, so that equal models have equal names wherever they
/// came from.
package struct CheckpointManifest: Sendable, Hashable {
  package struct File: Sendable, Hashable {
    package let name: String
    package let object: ObjectRef
  }

  /// Sorted by the bytes of their names.
  package let files: [File]

  /// The manifest of a checkpoint, whether the store has it or not.
  package init(of checkpoint: Checkpoint) {
    files = checkpoint.files().map { name, bytes in
      File(name: name, object: ObjectRef(digest: Digest(of: bytes), size: bytes.count))
    }
  }

  /// Reads the canonical JSON; nil for any other object of the store.
  package init?(parsing bytes: [UInt8]) {
    guard let json = try? JSON(parsing: bytes), json["type"] == "checkpoint",
      let members = json["files"]?.object?.members
    else { return nil }
    var files: [File] = []
    for (name, value) in members {
      guard let digest = value["sha256"]?.string.flatMap({ Digest(hex: $0) }),
        let size = value["size"]?.int
      else { return nil }
      files.append(File(name: name, object: ObjectRef(digest: digest, size: size)))
    }
    self.files = files
    guard json.canonical == bytes, self.json == json else { return nil }
  }

  package var json: JSON {
    var members = JSONObject()
    for file in files {
      members[file.name] = [
        "sha256": .string(file.object.digest.hex), "size": JSON(file.object.size),
      ]
    }
    return ["files": .object(members), "type": "checkpoint"]
  }

  package var digest: Digest { Digest(of: json.canonical) }

  /// The name that a server offers it under.
  package var modelName: String { Self.modelName(of: digest) }

  package static func modelName(of digest: Digest) -> String { "sha256:\(digest.hex)" }

  /// The digest in `sha256:<64 digits>`; nil for any other name.
  package static func digest(inModelName name: String) -> Digest? {
    guard name.hasPrefix("sha256:") else { return nil }
    return Digest(hex: name.dropFirst("sha256:".count))
  }
}
