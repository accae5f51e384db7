/// Decides between the answers of several samples of one row.
package struct MajorityVote: Hashable, Sendable {
  /// How many samples must have given the winner.
  package let minVotes: Int

  package init(minVotes: Int = 1) {
    self.minVotes = minVotes
  }

  /// What a vote came to.
  package struct Vote: Hashable, Sendable {
    /// The winner; nil in a tie, below the minimum, or without a valid answer.
    package let value: String?
    /// How many samples gave the answer that most gave.
    package let votes: Int
    /// How many samples had a valid answer.
    package let valid: Int
    package let isTie: Bool
  }

  /// Counts the answers; the winner is written as the first sample that gave it wrote it.
  ///
  /// - Parameters:
  ///   - values: An answer for each sample; nil is invalid and has no vote.
  ///   - equal: When two answers are the same one.
  /// - Returns: The winner, if there is one, and the counts.
  package func decide(_ values: [String?], equal: (String, String) -> Bool) -> Vote {
    var groups: [(value: String, votes: Int)] = []
    for value in values.compactMap(\.self) {
      if let index = groups.firstIndex(where: { equal($0.value, value) }) {
        groups[index].votes += 1
      } else {
        groups.append((value, 1))
      }
    }
    let most = groups.map(\.votes).max() ?? 0
    let winners = groups.filter { $0.votes == most }
    let isTie = winners.count > 1
    return Vote(
      value: isTie || most < minVotes ? nil : winners.first?.value,
      votes: most,
      valid: groups.reduce(0) { $0 + $1.votes },
      isTie: isTie
    )
  }
}
