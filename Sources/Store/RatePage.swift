import Primitives
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One model's rates, as this process and all others see them.
///
/// Each update reads the mapped file, changes it and writes it back under its kernel lock
/// (`flock`), one or two microseconds in all.
package final class RatePage: Sendable {
  private struct State: ~Copyable {
    var file: RateFile?
    /// What holds where there is no file, and the buffer where there is one.
    var content = RateContent()
    /// When dead owners were looked for last, by the boot clock.
    var lookedAt: Int64 = .min
  }

  private let state: Mutex<State>
  private let locks: String
  private let owner: OwnerWords

  /// Rates that only this process knows.
  package init() {
    state = Mutex(State())
    locks = ""
    owner = OwnerWords("") ?? OwnerWords(high: 0, low: 1)
  }

  init(path: String, locks: String, owner: String) {
    self.locks = locks
    self.owner = OwnerWords(owner) ?? OwnerWords(high: 0, low: 1)
    state = Mutex(State(file: try? RateFile(at: path)))
  }

  /// Changes the rates while nobody else does.
  ///
  /// - Parameters:
  ///   - now: Nanoseconds of the boot clock.
  ///   - body: Gets the rates, the own share and that of the others; runs exactly once.
  /// - Returns: What the body returns.
  package func update<Value>(
    now: Int64,
    _ body: (inout RateSheet, inout RateShare, RateOthers) -> Value
  ) -> Value {
    state.withLock { state in
      let isShared = state.file?.lock(reading: &state.content) ?? false
      defer { if isShared { state.file?.unlock(writing: state.content) } }
      var others = state.content.others(of: owner)
      // Asking the kernel who lives costs more than all the rest: once a second, where it matters.
      if others.active > 0, now &- state.lookedAt >= 1_000_000_000 || state.lookedAt == .min {
        state.lookedAt = now
        state.content.removeOwners { $0 != owner && !Owner.isAlive($0.token, in: locks) }
        others = state.content.others(of: owner)
      }
      var share = state.content.share(of: owner)
      defer { state.content.setShare(share, of: owner) }
      return body(&state.content.sheet, &share, others)
    }
  }
}
