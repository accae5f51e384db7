#if canImport(Glibc)
  import Glibc
#endif

/// Floats for weights: on the boundaries that wide registers want, in large pages where it is much.
///
/// `@unchecked Sendable`: filled by whoever made it, before any other thread sees it.
final class WeightMemory: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>

  /// Zeros.
  init(count: Int) {
    let bytes = count * MemoryLayout<Float>.stride
    let pages = bytes / Self.page
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: bytes,
      alignment: pages > 0 ? Self.page : 64
    )
    #if canImport(Glibc)
      // With pages of 4 KiB a pass over a large model spends a fifth of its time on their
      // addresses. A system that has no large pages does without: the result needs no look.
      if pages > 0 { madvise(memory, pages * Self.page, MADV_HUGEPAGE) }
    #endif
    base = memory.bindMemory(to: Float.self, capacity: count)
    base.initialize(repeating: 0, count: count)
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  /// Bytes of a large page on the processors that have them in this size.
  private static let page = 2 << 20
}
