import Diagnostics
import Execution
import Workflow

/// Two datasets of an instance that share rows.
struct RowOverlap {
  struct Finding {
    /// Rows of the first dataset that the second has too.
    let count: Int
    /// Rows of the first.
    let rows: Int
    /// Of the first such row, in either dataset.
    let ids: (left: String, right: String)

    init(count: Int, rows: Int, ids: (String, String)) {
      self.count = count
      self.rows = rows
      self.ids = ids
    }
  }

  let pair: OverlapPair
  let finding: Finding
  /// The instances where it is so, the first of them among these.
  var points: Set<InstanceID>

  init(pair: OverlapPair, finding: Finding) {
    self.pair = pair
    self.finding = finding
    points = [pair.instance.id]
  }

  /// Whether the pair is between the same nodes, at whatever point of the matrix.
  func isSame(as other: OverlapPair, in expansion: Expansion) -> Bool {
    func nodes(_ pair: OverlapPair) -> [String?] {
      [
        pair.instance.node, expansion[pair.left.dataset]?.node, expansion[pair.right.dataset]?.node,
      ]
    }
    return pair.left.role == other.left.role && pair.right.role == other.right.role
      && nodes(pair) == nodes(other)
  }

  func problem(areErrors: Bool) -> Problem {
    let settings = pair.instance.settings
    let isAllowed = settings.bool("allow_overlap") == true
    let isLeak = pair.left.role == .test && pair.right.role == .training
    let place = settings["data"] ?? settings["of"]
    return Problem(
      message,
      at: place?.location ?? pair.instance.location,
      severity: isLeak && areErrors && !isAllowed ? .error : .warning,
      hint: isAllowed ? nil : hint(isLeak: isLeak)
    )
  }

  private var message: String {
    let (left, right) = (pair.left.dataset, pair.right.dataset)
    let verb = finding.count == 1 ? "is" : "are"
    var text = "\(finding.count) of the \(Wording.count(finding.rows, "row")) of '\(left)' \(verb) "
    text += left == right ? "those " : "in '\(right)' too, "
    text += reason
    let ids = finding.ids
    let first = left == right ? "'\(ids.left)'" : "'\(ids.left)', there '\(ids.right)'"
    text += "; the first is \(first)"
    let more = points.count - 1
    return text
      + (more > 0 ? " (and so at \(Wording.count(more, "more point")) of the matrix)" : "")
  }

  /// What is wrong with it.
  private var reason: String {
    let (instance, user) = (pair.instance.id, pair.right.user)
    switch (pair.left.role, pair.right.role) {
    case (.test, .training):
      return "which the model that '\(instance)' scores was trained on"
    case (.test, .fewShot):
      return "from which '\(user)' takes its examples, and scored by '\(instance)'"
    case (.test, .tuning): return "on which '\(user)' was tuned, and scored by '\(instance)'"
    default: return "which '\(user)' trains on, and '\(pair.left.user)' was tuned on"
    }
  }

  private func hint(isLeak: Bool) -> String {
    let way = "slices of one shuffle by 'skip' and 'limit' share no rows"
    return isLeak
      ? "\(way), unless the file itself has rows twice; write 'allow_overlap: true' on "
        + "'\(pair.instance.node)' if it is meant"
      : "\(way), unless the file itself has rows twice"
  }
}
