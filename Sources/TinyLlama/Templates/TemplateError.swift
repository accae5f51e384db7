/// Why a chat template cannot be read or rendered.
struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// From 1; nil where the fault lies in no single line.
  let line: Int?
  let message: String

  init(line: Int? = nil, _ message: String) {
    self.line = line
    self.message = message
  }

  var description: String { line.map { "line \($0): \(message)" } ?? message }
}
