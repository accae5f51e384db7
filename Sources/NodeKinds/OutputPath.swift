/// Which paths of outputs lead to a file inside of the folder that they start from (promise P19).
enum OutputPath {
  /// What a folder takes as a name, less an ending and what a file being written is called.
  private static let longestStep = 200
  private static let longest = 1000

  /// Why a path is not one of those; nil if it is.
  static func reason(against path: String) -> String? {
    let steps = path.split(separator: "/", omittingEmptySubsequences: false)
    if path.hasPrefix("/") { return "it begins at the root" }
    if path.hasPrefix("~") { return "'~' is a name for the shell alone" }
    if steps.contains(where: { $0.isEmpty || $0 == ".." }) || steps.last == "." {
      return "a step of it is empty or '..', or it ends in '.'"
    }
    if path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "it has control characters" }
    if steps.contains(where: { $0.utf8.count > longestStep }) || path.utf8.count > longest {
      return "it is too long"
    }
    return nil
  }

  /// A path for a message: one line, and not more of it than helps.
  static func shown(_ path: String) -> String {
    let start = String(decoding: path.utf8.prefix(80), as: UTF8.self)
    let visible = start.unicodeScalars.map { $0.value < 0x20 ? "\u{FFFD}" : String($0) }.joined()
    return "'\(visible)\(path.utf8.count > 80 ? "…" : "")'"
  }
}
