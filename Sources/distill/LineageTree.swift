/// Lines with branches under them, drawn for a terminal.
struct TextTree {
  /// Columns that a drawn line has at most; what is longer is cut, and whole in `--json`.
  static let width = 100

  let title: String
  /// Lines under the title, before the branches.
  var details: [String]
  var branches: [TextTree]

  init(_ title: String, details: [String] = [], branches: [TextTree] = []) {
    self.title = title
    self.details = details
    self.branches = branches
  }

  var lines: [String] { drawn(first: "", rest: "").map { Self.cut(Self.trimmed($0)) } }

  private func drawn(first: String, rest: String) -> [String] {
    let margin = rest + (branches.isEmpty ? "  " : "│ ")
    var lines = [first + title] + details.map { "\(margin)  \($0)" }
    for (index, branch) in branches.enumerated() {
      let isLast = index == branches.count - 1
      lines += branch.drawn(
        first: rest + (isLast ? "└─ " : "├─ "),
        rest: rest + (isLast ? "   " : "│  ")
      )
    }
    return lines
  }

  private static func trimmed(_ line: String) -> Substring {
    line.lastIndex { $0 != " " }.map { line[...$0] } ?? ""
  }

  /// A line of at most so many characters.
  static func cut(_ line: some StringProtocol) -> String {
    line.count > width ? "\(line.prefix(width - 1))…" : String(line)
  }
}
