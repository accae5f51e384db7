/// Answers requests on one thread, several at a time, until the queue closes.
///
/// Requests join between two steps and leave as soon as they end. While other threads have none,
/// they share large products with this one.
struct GenerationWorker {
  /// Prompt tokens that one step runs at most, so that a long prompt does not hold up the others.
  private static let promptRows = 64

  private let number: Int
  private let queue: GenerationQueue
  private let slots: Int
  private let decoder: BatchDecoder
  private var active: [GenerationQueue.Job] = []

  init(number: Int, queue: GenerationQueue, model: DecodingModel, slots: Int) {
    self.number = number
    self.queue = queue
    self.slots = slots
    decoder = BatchDecoder(model, rowLimit: slots + Self.promptRows)
  }

  mutating func run() {
    while true {
      let orders = queue.orders(thread: number, active: active.count, limit: slots)
      active += orders.jobs
      active.removeAll { job in
        guard orders.isClosed || orders.cancelled.contains(job.id) else { return false }
        job.continuation.resume(returning: .failure(.cancelled))
        return true
      }
      if orders.isClosed, active.isEmpty { return }
      step(threads: orders.threads)
    }
  }

  /// One token for each request that is answering, and some prompt for the others.
  private mutating func step(threads: Int) {
    var rows: [BatchDecoder.Row] = []
    var scored: [Int] = []
    var promptRows = Self.promptRows
    for index in active.indices {
      let isAnswering = active[index].sequence.isAnswering
      let more = active[index].sequence.rows(limit: promptRows)
      if !isAnswering { promptRows -= more.count }
      if more.last?.wantsScores == true { scored.append(index) }
      rows += more
    }
    var ended: Set<Int> = []
    for (index, scores) in zip(scored, decoder.run(rows, threads: threads)) {
      guard let result = active[index].sequence.take(scores) else { continue }
      active[index].continuation.resume(returning: result)
      ended.insert(active[index].id)
    }
    active.removeAll { ended.contains($0.id) }
  }
}
