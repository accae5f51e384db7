import Foundation

/// A Markdown file as far as its references go.
struct MarkdownPage {
  /// Relative to the project.
  let path: String
  /// Lines with their numbers from 1, without those in code blocks.
  private let lines: [(number: Int, text: Substring)]

  init(_ text: String, path: String) {
    self.path = path
    var isInCode = false
    var lines: [(number: Int, text: Substring)] = []
    let all = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in all.enumerated() {
      if line.drop(while: { $0 == " " }).hasPrefix("```") {
        isInCode.toggle()
      } else if !isInCode {
        lines.append((index + 1, line))
      }
    }
    self.lines = lines
  }

  /// Targets of links inside the project, with the line: `docs/store.md#objects`, `#layers`.
  var links: [(line: Int, target: String)] {
    lines.flatMap { line in
      line.text.matches(of: /\]\(([^)\s]+)\)/).map { (line.number, String($0.output.1)) }
    }.filter { !$0.1.contains("://") && !$0.1.hasPrefix("mailto:") }
  }

  /// Files of the project that the text names as code: `Sources/Store/Store.swift`.
  var namedFiles: [(line: Int, path: String)] {
    lines.flatMap { line in
      line.text.matches(
        of: /`((?:Sources|Tests|Scripts|Benchmarks|docs|workflows|\.ci)\/[\w.\/+-]+)`/
      ).map { (line.number, String($0.output.1)) }
    }
  }

  /// Names that links to the headings use, by GitHub's rule.
  var anchors: Set<String> {
    Set(
      lines.filter { $0.text.hasPrefix("#") }.map { line in
        let title = line.text.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
        return String(title.compactMap(Self.inAnchor))
      }
    )
  }

  private static func inAnchor(_ character: Character) -> Character? {
    if character == " " { return "-" }
    return character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
  }

  /// The links that lead nowhere.
  ///
  /// - Parameter read: Text of a file of the project; nil where there is none.
  /// - Returns: `file:line: what` for each.
  func brokenLinks(_ read: (String) -> String?) -> [String] {
    links.compactMap { line, target in
      let pieces = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let name = pieces[0].isEmpty ? path : resolve(String(pieces[0]))
      guard let text = read(name) else {
        return "\(path):\(line): links to '\(target)', and there is no '\(name)'"
      }
      guard pieces.count == 2 else { return nil }
      let anchor = String(pieces[1])
      guard !MarkdownPage(text, path: name).anchors.contains(anchor) else { return nil }
      return "\(path):\(line): links to '\(target)', and '\(name)' has no heading '\(anchor)'"
    }
  }

  /// A link's path, relative to the project instead of the page.
  private func resolve(_ target: String) -> String {
    var steps = path.split(separator: "/").dropLast()
    for step in target.split(separator: "/") {
      switch step {
      case ".": continue
      case "..": _ = steps.popLast()
      default: steps.append(step)
      }
    }
    return steps.joined(separator: "/")
  }
}
