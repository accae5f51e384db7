/// Names of the kinds of files that a crate holds (RFC 6838), by the ends of their names.
enum MediaType {
  static let json = "application/json"
  static let yaml = "application/yaml"
  private static let unknown = "application/octet-stream"
  private static let byEnding = [
    "json": json, "jsonl": "application/jsonl", "yaml": yaml, "yml": yaml, "csv": "text/csv",
    "tsv": "text/tab-separated-values", "md": "text/markdown", "txt": "text/plain",
  ]

  /// Endings for the parts whose names have none; parts of `command` nodes are anything.
  private static let endings = [
    "rows": "jsonl", "ids": "jsonl", "trials": "jsonl", "curve": "jsonl", "summary": "json",
    "prompt": "json", "target": "json", "reading": "json", "chosen": "json", "model": "json",
    "manifest": "json", "table": "json",
  ]

  static func of(fileNamed name: String) -> String {
    guard let mark = name.lastIndex(of: ".") else { return unknown }
    return byEnding[name[name.index(after: mark)...].lowercased()] ?? unknown
  }

  /// The name of the file that a part becomes.
  static func fileName(ofPart part: String) -> String {
    endings[part].map { "\(part).\($0)" } ?? part
  }
}
