/// Merges the tokens of one piece: always the pair of the lowest rank, of equals the leftmost.
///
/// Candidates wait in a heap, so that a piece of a million letters takes seconds, not hours; those
/// whose tokens have changed meanwhile are passed over.
struct PieceMerging {
  /// A pair that may be merged.
  private struct Candidate {
    let rank: Int32
    /// Of the left token.
    let position: Int32
    let pair: Tokenizer.Pair

    static func < (one: Candidate, other: Candidate) -> Bool {
      (one.rank, one.position) < (other.rank, other.position)
    }
  }

  private let merges: [Tokenizer.Pair: Tokenizer.Merge]
  /// At each position the token that starts there; -1 where another has swallowed it.
  private var tokens: [Int32]
  // The neighbours of each position that still stand.
  private var next: [Int]
  private var previous: [Int]
  private var heap: [Candidate] = []

  init(_ tokens: [Int32], _ merges: [Tokenizer.Pair: Tokenizer.Merge]) {
    self.tokens = tokens
    self.merges = merges
    next = Array(1..<tokens.count + 1)
    previous = Array(-1..<tokens.count - 1)
  }

  /// The tokens that are left when nothing can be merged.
  mutating func run() -> [Int32] {
    guard tokens.count > 1 else { return tokens }
    for position in 0..<tokens.count - 1 { consider(position) }
    while let best = pop() {
      let position = Int(best.position)
      let right = next[position]
      guard right < tokens.count, tokens[position] == best.pair.left,
        tokens[right] == best.pair.right, let merge = merges[best.pair]
      else { continue }
      tokens[position] = merge.token
      tokens[right] = -1
      next[position] = next[right]
      if next[right] < tokens.count { previous[next[right]] = position }
      if previous[position] >= 0 { consider(previous[position]) }
      consider(position)
    }
    return tokens.filter { $0 >= 0 }
  }

  /// Adds the pair that starts at a position, if it can be merged.
  private mutating func consider(_ position: Int) {
    guard next[position] < tokens.count else { return }
    let pair = Tokenizer.Pair(left: tokens[position], right: tokens[next[position]])
    guard let merge = merges[pair] else { return }
    heap.append(Candidate(rank: merge.rank, position: Int32(position), pair: pair))
    var child = heap.count - 1
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func pop() -> Candidate? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      guard least != parent else { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
