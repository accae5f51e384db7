import Primitives
import Store

/// The files that clients uploaded and jobs made: bytes in the store, names here.
///
/// The list lives as long as the server; a client that outlives it uploads again.
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
  private var files: [File] = []

  init(objects: ObjectStore) {
    self.objects = objects
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
      files.append(file)
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
  func remove(_ id: String) throws(APIError) {
    let file = try file(id)
    files.removeAll { $0.id == file.id }
  }
}
