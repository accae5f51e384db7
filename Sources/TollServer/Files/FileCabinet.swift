import Primitives

/// Files with their bytes.
struct FileCabinet: Sendable {
  let files: Shelf<StoredFile>
  private let contents: StateFolder

  init(_ folder: StateFolder) throws {
    files = try Shelf(folder.folder("files"))
    contents = try folder.folder("contents")
  }

  /// Keeps a file; its bytes are durable before its name is.
  func add(
    _ bytes: [UInt8],
    name: String,
    purpose: String,
    id: String = Identifier.make("file-")
  ) throws(ServiceError) -> StoredFile {
    do {
      try contents.write(bytes, to: id)
    } catch {
      throw Self.failure(error)
    }
    return try files.add { sequence in
      StoredFile(
        id: id,
        sequence: sequence,
        name: name,
        purpose: purpose,
        byteCount: bytes.count
      )
    }
  }

  func find(_ id: String) throws(ServiceError) -> StoredFile {
    guard let file = files.find(id) else { throw .notFound("File object", id) }
    return file
  }

  func content(_ id: String) throws(ServiceError) -> [UInt8] {
    let file = try find(id)
    do {
      return try contents.read(file.id)
    } catch {
      throw Self.failure(error)
    }
  }

  func remove(_ id: String) throws(ServiceError) {
    guard try files.remove(id) else { throw .notFound("File object", id) }
    do {
      try contents.remove(id)
    } catch {
      throw Self.failure(error)
    }
  }

  private static func failure(_ error: any Error) -> ServiceError {
    ServiceError(status: 500, message: "The file cannot be kept: \(error)", type: "server_error")
  }
}
