import Primitives
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One object being written: hashed as its bytes come, named when they are complete.
///
/// The temporary file lies in `objects/` itself, since the folder of the object is known only with
/// its digest. Order of durability: write, fsync, mode 0444, rename, fsync of the folder. Without
/// `commit` nothing is left.
package final class ObjectWriter: Sendable {
  private struct State: ~Copyable {
    var file: FileDescriptor?
    var hasher: SHA256Hasher? = SHA256Hasher()
    var size = 0
    /// Rows are short: they are gathered so that a system call serves many.
    var buffer: [UInt8] = []
  }

  private let state: Mutex<State>
  private let store: ObjectStore
  private let temporary: String
  private static let bufferSize = 128 * 1024
  private static let count = Atomic<UInt64>(0)

  init(store: ObjectStore, owner: Owner) throws(StoreError) {
    self.store = store
    let number = ObjectWriter.count.add(1, ordering: .relaxed).newValue
    temporary = "\(store.folder)/temp-\(owner.token)-\(number)"
    let file = try FileDescriptor(
      opening: temporary,
      O_WRONLY | O_CREAT | O_EXCL,
      operation: "write"
    )
    state = Mutex(State(file: file))
  }

  deinit { cancel() }

  package func write(_ text: String) throws(StoreError) {
    try write(Array(text.utf8))
  }

  package func write(_ bytes: [UInt8]) throws(StoreError) {
    try state.withLock { (state) throws(StoreError) in
      precondition(state.file != nil, "BUG: an object writer was used after its end")
      state.hasher?.update(bytes)
      state.size += bytes.count
      state.buffer.append(contentsOf: bytes)
      if state.buffer.count >= ObjectWriter.bufferSize { try flush(&state) }
    }
  }

  /// Makes the object durable and gives its name.
  ///
  /// The writer is spent.
  package func commit() async throws(StoreError) -> ObjectRef {
    try await Blocking.storeWork { () throws(StoreError) in
      do throws(StoreError) {
        return try self.finish()
      } catch {
        self.cancel()
        throw error
      }
    }
  }

  /// Gives the object up, leaving nothing.
  ///
  /// Does no harm after `commit`.
  package func cancel() {
    state.withLock { state in
      guard state.file != nil else { return }
      state.file = nil
      unlink(temporary)
    }
  }

  private func flush(_ state: inout State) throws(StoreError) {
    try state.file?.write(state.buffer)
    state.buffer.removeAll(keepingCapacity: true)
  }

  private func finish() throws(StoreError) -> ObjectRef {
    try state.withLock { (state) throws(StoreError) in
      guard let hasher = state.hasher.take() else {
        preconditionFailure("BUG: an object was committed twice")
      }
      let reference = ObjectRef(digest: hasher.finalize(), size: state.size)
      let path = store.path(of: reference.digest)
      let folder = FileSystem.folder(of: path)
      if try FileSystem.makeFolder(folder) { try FileSystem.synchronizeFolder(store.folder) }
      if try isWhole(reference, at: path) {
        unlink(temporary)
      } else {
        try flush(&state)
        try state.file?.synchronize()
        chmod(temporary, 0o444)
        try FileSystem.rename(temporary, to: path)
      }
      state.file = nil
      // Also if the object was there: who renamed it may not have come as far as this line.
      try FileSystem.synchronizeFolder(folder)
      return reference
    }
  }

  /// Whether the same bytes are there already.
  ///
  /// A damaged object is replaced.
  private func isWhole(_ reference: ObjectRef, at path: String) throws(StoreError) -> Bool {
    guard store.contains(reference) else { return false }
    return try FileSystem.reference(toFileAt: path) == reference
  }
}
