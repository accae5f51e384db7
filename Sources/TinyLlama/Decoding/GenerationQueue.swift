import Foundation

/// Where requests wait for the threads that answer them.
///
/// `@unchecked Sendable`: everything that changes is read and written only while `condition` is
/// locked. A condition, not a `Mutex`, since threads sleep until something comes.
final class GenerationQueue: @unchecked Sendable {
  /// A request with whoever waits for its answer.
  struct Job {
    let id: Int
    var sequence: GenerationSequence
    let continuation: CheckedContinuation<Result<GenerationResult, GenerationError>, Never>
  }

  /// What a thread learns when it comes by.
  struct Orders {
    let jobs: [Job]
    let cancelled: Set<Int>
    /// Threads that may work for this one, itself included: those without requests are shared out.
    let threads: Int
    let isClosed: Bool
  }

  private let condition = NSCondition()
  private var waiting: [Job] = []
  private var cancelled: Set<Int> = []
  private var activeCounts: [Int]
  private var nextID = 0
  private var isClosed = false

  init(threads: Int) {
    activeCounts = [Int](repeating: 0, count: threads)
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return body()
  }

  /// A number for a request, by which it can be cancelled even before it is enqueued.
  func reserveID() -> Int {
    locked {
      nextID += 1
      return nextID
    }
  }

  func enqueue(_ job: Job) {
    locked {
      waiting.append(job)
      condition.broadcast()
    }
  }

  func cancel(_ id: Int) {
    locked {
      cancelled.insert(id)
      condition.broadcast()
    }
  }

  /// Forgets a cancellation that came too late to matter.
  func forget(_ id: Int) {
    locked { _ = cancelled.remove(id) }
  }

  func close() {
    locked {
      isClosed = true
      condition.broadcast()
    }
  }

  /// What a thread should take up; sleeps while there is nothing at all to do for it.
  ///
  /// A thread takes a waiting request only while no other thread has fewer: so few requests
  /// spread over all threads.
  ///
  /// - Parameters:
  ///   - thread: Its number.
  ///   - active: Requests that it is answering.
  ///   - limit: Requests that it can answer at once.
  /// - Returns: New requests, and the numbers of those that nobody waits for any more.
  func orders(thread: Int, active: Int, limit: Int) -> Orders {
    locked {
      activeCounts[thread] = active
      while true {
        var jobs: [Job] = []
        while !waiting.isEmpty, activeCounts[thread] < limit,
          activeCounts.allSatisfy({ $0 >= activeCounts[thread] })
        {
          jobs.append(waiting.removeFirst())
          activeCounts[thread] += 1
        }
        if active > 0 || !jobs.isEmpty || isClosed {
          let busy = max(1, activeCounts.count { $0 > 0 })
          return Orders(
            jobs: jobs,
            cancelled: cancelled,
            threads: activeCounts.count / busy,
            isClosed: isClosed
          )
        }
        condition.wait()
      }
    }
  }
}
