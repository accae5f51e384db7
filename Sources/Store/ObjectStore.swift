package import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Bytes under the name of their SHA-256, one file an object: `objects/ab/cdef…`.
///
/// An object never changes. Writing one twice, by two processes at once, is harmless: each renames
/// a whole file over the same name. Reading verifies, every time.
package struct ObjectStore: Sendable {
  /// The `objects` folder.
  let folder: String
  /// Marks the temporary files of this process; nil on a store opened for reading.
  let owner: Owner?
  let storePath: String

  /// Where an object's bytes are, or would be: `objects/`, two digits, `/`, sixty-two digits.
  package func path(of digest: Digest) -> String {
    let hex = digest.hex
    return "\(folder)/\(hex.prefix(2))/\(hex.dropFirst(2))"
  }

  /// Whether the object is there at its size; its bytes are not read.
  package func contains(_ reference: ObjectRef) -> Bool {
    FileSystem.size(ofFileAt: path(of: reference.digest)) == reference.size
  }

  /// The object with this digest, if it is there; its bytes are not read.
  package func find(_ digest: Digest) -> ObjectRef? {
    FileSystem.size(ofFileAt: path(of: digest)).map { ObjectRef(digest: digest, size: $0) }
  }
}

// MARK: - Writing

extension ObjectStore {
  /// Begins an object whose bytes come in pieces.
  package func writer() throws(StoreError) -> ObjectWriter {
    guard let owner else { throw .readOnly(path: storePath) }
    return try ObjectWriter(store: self, owner: owner)
  }

  /// Keeps the bytes; durable when it returns.
  @discardableResult
  package func put(_ bytes: [UInt8]) async throws(StoreError) -> ObjectRef {
    let writer = try writer()
    try writer.write(bytes)
    return try await writer.commit()
  }

  /// Keeps a text's UTF-8 bytes; durable when it returns.
  @discardableResult
  package func put(_ text: String) async throws(StoreError) -> ObjectRef {
    try await put(Array(text.utf8))
  }

  /// Keeps a copy of a file; durable when it returns.
  @discardableResult
  package func put(fileAt path: String) async throws(StoreError) -> ObjectRef {
    let writer = try writer()
    try await Blocking.storeWork { () throws(StoreError) in
      let file = try FileDescriptor(opening: path, O_RDONLY)
      var buffer = [UInt8](repeating: 0, count: 256 * 1024)
      while true {
        let count = try file.read(into: &buffer)
        guard count > 0 else { return }
        try writer.write(Array(buffer[..<count]))
      }
    }
    return try await writer.commit()
  }
}

// MARK: - Reading

extension ObjectStore {
  /// An object's bytes, verified.
  ///
  /// - Throws: `.missingObject`, `.damagedObject`.
  package func read(_ digest: Digest) async throws(StoreError) -> [UInt8] {
    try await Blocking.storeWork { () throws(StoreError) in try readNow(digest) }
  }

  package func read(_ reference: ObjectRef) async throws(StoreError) -> [UInt8] {
    try await read(reference.digest)
  }

  /// The path of an object whose bytes were found whole just now, for readers that stream.
  ///
  /// - Throws: `.missingObject`, `.damagedObject`.
  package func verifiedPath(_ reference: ObjectRef) async throws(StoreError) -> String {
    try await Blocking.storeWork { () throws(StoreError) in
      try check(reference.digest)
      return path(of: reference.digest)
    }
  }

  /// `read` for callers that may block.
  func readNow(_ digest: Digest) throws(StoreError) -> [UInt8] {
    let path = path(of: digest)
    guard FileSystem.size(ofFileAt: path) != nil else {
      throw .missingObject(digest, path: path)
    }
    let bytes = try FileSystem.read(path)
    let found = Digest(of: bytes)
    guard found == digest else { throw .damagedObject(digest, path: path, found: found) }
    return bytes
  }

  /// Hashes an object's bytes.
  func check(_ digest: Digest) throws(StoreError) {
    let path = path(of: digest)
    guard FileSystem.size(ofFileAt: path) != nil else {
      throw .missingObject(digest, path: path)
    }
    let found = try FileSystem.reference(toFileAt: path).digest
    guard found == digest else { throw .damagedObject(digest, path: path, found: found) }
  }
}
