import Primitives
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Space on the disk that is kept free for the answers of calls under way (promise P11).
///
/// It is a file of this process that holds blocks and no bytes, made larger before a call is granted.
/// When an answer does not fit on the disk the file is given up, and the answer takes its place: other
/// programs may fill the disk at any time, but not that space.
final class SpareSpace: Sendable {
  private struct State {
    /// Bytes that the file holds now.
    var size = 0
    /// Bytes of the longest answer so far.
    var longestAnswer = Ledger.inlineLimit
    /// It was given up for calls under way, and is not made again before they have ended: it would
    /// take the blocks that their answers are about to fill.
    var isSpent = false
  }

  /// What a call takes beside its answer: pages that its claim and its settlement change in the
  /// ledger's log (about ten each), and what its run writes of it elsewhere.
  private static let overhead = 192 * 1024
  private static let step = 1 << 20

  /// `locks/spare-TOKEN`: whoever finds it without its owner removes it.
  private let path: String
  /// What the space is for, for messages.
  private let ledger: String
  private let state = Mutex(State())

  init(locks: String, owner: Owner, ledger: String) {
    path = "\(locks)/\(Owner.sparePrefix)\(owner.token)"
    self.ledger = ledger
  }

  /// Makes sure that the answers of so many calls, all that are under way, can be kept.
  ///
  /// - Throws: `.diskFull`: then nothing more is to be sent.
  func cover(_ calls: Int) async throws(StoreError) {
    let isCovered = state.withLock { state in
      // The answers that it was given up for are in, or there is nothing more to come of them.
      if calls == 1 { state.isSpent = false }
      return !state.isSpent && state.size >= Self.needed(calls, state)
    }
    guard !isCovered else { return }
    try await Blocking.storeWork { () throws(StoreError) in try self.grow(calls) }
  }

  private static func needed(_ calls: Int, _ state: State) -> Int {
    calls * (state.longestAnswer + overhead)
  }

  private func grow(_ calls: Int) throws(StoreError) {
    try state.withLock { (state) throws(StoreError) in
      guard !state.isSpent else { throw full }
      let needed = Self.needed(calls, state)
      guard state.size < needed else { return }
      let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT)
      // In large steps, as long as there is room for them.
      let rounded = (needed + Self.step - 1) / Self.step * Self.step
      for size in [rounded, needed] where allocate(file.raw, size) == 0 {
        state.size = size
        return
      }
      ftruncate(file.raw, off_t(state.size))
      throw full
    }
  }

  private var full: StoreError {
    .diskFull(path: ledger, operation: "keep space for answers under way in")
  }

  /// Gives the space back, for what was paid for; till then nothing more is to be bought.
  func giveUp() {
    state.withLock { state in
      guard state.size > 0 else { return }
      state.size = 0
      state.isSpent = true
      unlink(path)
    }
  }

  /// Remembers how long answers get.
  func note(answer bytes: Int) {
    state.withLock { $0.longestAnswer = max($0.longestAnswer, bytes) }
  }

  func end() { unlink(path) }

  /// Takes blocks of the disk for a file; 0, or why not.
  private func allocate(_ descriptor: Int32, _ size: Int) -> Int32 {
    #if canImport(Glibc)
      return posix_fallocate(descriptor, 0, off_t(size))
    #else
      var wish = fstore_t(
        fst_flags: UInt32(F_ALLOCATEALL),
        fst_posmode: F_PEOFPOSMODE,
        fst_offset: 0,
        fst_length: off_t(size),
        fst_bytesalloc: 0
      )
      ftruncate(descriptor, 0)
      guard fcntl(descriptor, F_PREALLOCATE, &wish) != -1 else { return errno }
      return ftruncate(descriptor, off_t(size)) == 0 ? 0 : errno
    #endif
  }
}
