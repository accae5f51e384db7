import Primitives
import Store

/// The files that clients uploaded and jobs made: bytes in the store, names here.
///
/// The list lives as long as the server, or as long as its state folder where it has one.
actor FileShelf {
  struct File: Sendable {
    enum Purpose: String, Sendable {
      case fineTune = "fine-tune"
      case results = "fine-tune-results"
    }

    let id: String
    let name: String
    let purpose: Purpose
    let createdAt: Int64
    let object: ObjectRef

    var json: JSON {
      [
        "id": .string(id), "object": "file", "bytes": JSON(object.size),
        "created_at": .integer(createdAt), "filename": .string(name),
        "purpose": .string(purpose.rawValue), "status": "processed", "status_details": nil,
        "expires_at": nil,
      ]
    }
  }

  private let objects: ObjectStore
  private let state: StateFolder?
  private var files: [File] = []
  /// The change under way, behind which the next one waits.
  private var lastChange: Task<Void, any Error>?

  init(objects: ObjectStore, state: StateFolder? = nil) throws {
    self.objects = objects
    self.state = state
    guard let list = try state?.files() else { return }
    files = (list["files"]?.array ?? []).compactMap(File.init(state:))
  }

  /// Keeps the list, then makes the change: one that cannot be kept is not made.
  ///
  /// One change after the other: the list is one file, and of two written at once either could be
  /// the one that stays.
  private func change(_ edited: @escaping @Sendable ([File]) -> [File]) async throws {
    let before = lastChange
    let change = Task {
      _ = await before?.result
      let new = edited(files)
      if let state {
        let list: JSON = ["files": .array(new.map(\.state))]
        try await Blocking.run { try state.save(list, as: "files") }
      }
      files = new
    }
    lastChange = change
    try await change.value
  }

  /// All files, oldest first.
  var all: [File] { files }

  func add(_ bytes: [UInt8], name: String, purpose: File.Purpose) async throws(APIError) -> File {
    do {
      let object = try await objects.put(bytes)
      let file = File(
        id: Identifier.make("file-"),
        name: name,
        purpose: purpose,
        createdAt: Identifier.now,
        object: object
      )
      try await change { $0 + [file] }
      return file
    } catch {
      throw .server("the file cannot be kept: \(error)")
    }
  }

  func file(_ id: String) throws(APIError) -> File {
    guard let file = files.first(where: { $0.id == id }) else {
      throw .notFound("file", id, param: "file_id")
    }
    return file
  }

  func content(of file: File) async throws(APIError) -> [UInt8] {
    do {
      return try await objects.read(file.object)
    } catch {
      throw .server("file '\(file.id)' cannot be read: \(error)")
    }
  }

  /// Forgets a file; its bytes stay in the store until they are collected.
  func remove(_ id: String) async throws(APIError) {
    let file = try file(id)
    do {
      try await change { $0.filter { $0.id != file.id } }
    } catch {
      throw .server("file '\(id)' cannot be removed: \(error)")
    }
  }
}

extension FileShelf.File {
  fileprivate var state: JSON {
    [
      "created_at": .integer(createdAt), "filename": .string(name), "id": .string(id),
      "purpose": .string(purpose.rawValue), "sha256": .string(object.digest.hex),
      "size": JSON(object.size),
    ]
  }

  fileprivate init?(state: JSON) {
    guard let id = state["id"]?.string, let name = state["filename"]?.string,
      let purpose = state["purpose"]?.string.flatMap(Purpose.init(rawValue:)),
      let createdAt = state["created_at"]?.integer,
      let digest = state["sha256"]?.string.flatMap({ Digest(hex: $0) }),
      let size = state["size"]?.int
    else { return nil }
    let object = ObjectRef(digest: digest, size: size)
    self.init(id: id, name: name, purpose: purpose, createdAt: createdAt, object: object)
  }
}
