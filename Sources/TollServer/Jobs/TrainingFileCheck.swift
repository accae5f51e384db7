import Primitives

/// What a service finds when it validates a training file: chat JSON Lines, ten rows at least.
struct TrainingFileCheck {
  private(set) var tokens = 0
  /// The first fault; nil where the file is taken.
  private(set) var complaint: String?

  init(_ bytes: [UInt8]) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    var rows = 0
    for (index, line) in text.split(separator: 0x0A).enumerated() {
      guard let messages = (try? JSON(parsing: line))?["messages"]?.array, !messages.isEmpty else {
        complaint = "Line \(index + 1) of the training file has no 'messages'."
        return
      }
      rows += 1
      tokens += Tokens.count(
        messages.reduce(0) { $0 + ($1["content"]?.string?.utf8.count ?? 0) }
      )
    }
    if rows < 10 {
      complaint = "Training file has \(rows) example(s), but must have at least 10 examples"
    }
  }
}
