import Dispatch

/// Loops whose iterations run on several threads at once.
enum Parallel {
  /// Calls `body` once for each index from 0 to `count` and waits for all of them.
  ///
  /// Iteration i runs on thread i modulo `threads`, and one thread takes its indices in order: what
  /// belongs to an index or to a thread needs no lock. The iterations must share nothing else that
  /// any of them writes, which the compiler cannot see: hence the unsafe mark.
  static func forEach(
    _ count: Int,
    threads: Int,
    _ body: (_ index: Int, _ thread: Int) -> Void
  ) {
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        for index in stride(from: thread, to: count, by: threads) { body(index, thread) }
      }
    }
  }
}
