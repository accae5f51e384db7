package import Primitives
package import Store
package import TinyLlama

/// Checkpoints as objects of the store.
package enum CheckpointStore {
  /// Copies a checkpoint folder into the store.
  ///
  /// - Returns: The digest of its manifest.
  /// - Throws: `CheckpointError` or `StoreError`.
  package static func importFolder(
    _ path: String,
    into objects: ObjectStore
  ) async throws -> Digest {
    try await save(try await readFolder(path), into: objects)
  }

  /// Writes a checkpoint: all its files first, then the manifest.
  ///
  /// A manifest that is there thus has its files there, also after a kill in between.
  package static func save(
    _ checkpoint: Checkpoint,
    into objects: ObjectStore
  ) async throws -> Digest {
    let files = try await Blocking.run { checkpoint.files() }
    for file in files { _ = try await objects.put(file.bytes) }
    let manifest = try await Blocking.run { CheckpointManifest(of: checkpoint) }
    return try await objects.put(manifest.json.canonical).digest
  }

  /// The digest that a folder's checkpoint has or would have in the store.
  package static func digest(ofFolder path: String) async throws -> Digest {
    let checkpoint = try await readFolder(path)
    return try await Blocking.run { CheckpointManifest(of: checkpoint).digest }
  }

  /// Reads the checkpoint that a manifest names; every byte is verified on the way.
  ///
  /// - Throws: `CheckpointStoreError`, `CheckpointError` or `StoreError`.
  package static func load(
    manifest digest: Digest,
    from objects: ObjectStore
  ) async throws -> Checkpoint {
    let manifest = try await manifest(digest, from: objects)
    var files: [String: [UInt8]] = [:]
    for file in manifest.files {
      files[file.name] = try await objects.read(file.object)
    }
    let read = files
    return try await Blocking.run { try Checkpoint(files: read) }
  }

  /// The manifest under a digest.
  package static func manifest(
    _ digest: Digest,
    from objects: ObjectStore
  ) async throws -> CheckpointManifest {
    guard let object = objects.find(digest) else {
      throw CheckpointStoreError.missing(digest)
    }
    guard object.size <= largestManifest,
      let manifest = CheckpointManifest(parsing: try await objects.read(object))
    else { throw CheckpointStoreError.notACheckpoint(digest) }
    return manifest
  }

  /// Far above the 500 bytes of a manifest, far below the weights that one could ask for instead.
  private static let largestManifest = 64 << 10

  static func readFolder(_ path: String) async throws -> Checkpoint {
    try await Blocking.run { try Checkpoint(folder: path) }
  }
}

/// Why a digest leads to no checkpoint.
package enum CheckpointStoreError: Error, Hashable, Sendable, CustomStringConvertible {
  case missing(Digest)
  case notACheckpoint(Digest)

  package var description: String {
    switch self {
    case .missing(let digest):
      "the store has no object \(digest); import the checkpoint or tune it again"
    case .notACheckpoint(let digest):
      "object \(digest) is not a checkpoint's manifest; expected the name that a fine-tuning job gave"
    }
  }
}
