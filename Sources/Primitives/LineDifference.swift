/// The lines that two texts do not share.
package enum LineDifference {
  /// `- old` and `+ new` lines in their order; what replaces a line stands behind it.
  package static func between(_ old: [String], _ new: [String]) -> [String] {
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in new.map(Line.init).difference(from: old.map(Line.init)) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var lines: [String] = []
    var (before, after) = (0, 0)
    while before < old.count || after < new.count {
      if removed.contains(before) {
        lines.append("- \(old[before])")
        before += 1
      } else if inserted.contains(after) {
        lines.append("+ \(new[after])")
        after += 1
      } else {
        before += 1
        after += 1
      }
    }
    return lines
  }

  /// A line compared by its bytes.
  private struct Line: Equatable {
    let text: String

    static func == (left: Line, right: Line) -> Bool { UTF8Order.equal(left.text, right.text) }
  }
}

/// A JSON value as lines that people can compare: one a scalar, texts split at their line feeds.
package enum ValueLines {
  package static func of(_ json: JSON, path: String = "") -> [String] {
    let prefix = path.isEmpty ? "" : "\(path): "
    switch json {
    case .object(let object):
      return object.members.sorted { UTF8Order.less($0.key, $1.key) }.flatMap { member in
        of(member.value, path: path.isEmpty ? member.key : "\(path).\(member.key)")
      }
    case .array(let elements):
      return elements.enumerated().flatMap { of($1, path: "\(path)[\($0)]") }
    case .string(let text): return split(text).map { prefix + $0 }
    default: return [prefix + json.canonicalText]
    }
  }

  /// By line feeds alone: Swift takes CRLF for one character.
  package static func split(_ text: String) -> [String] {
    text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
