package import Diagnostics
import Primitives
import YAMLTree

/// A prompt template: what a model is asked, how answers are read, how labels are written.
///
/// Each is a part of its own, so that a change of one leaves the uses of the others as they are.
package struct Template: Sendable {
  /// `task/style` or the file's name; for messages only.
  package let name: String
  /// The task that the template says it is for.
  package let task: String
  package let prompt: PromptTemplate
  package let target: TargetTemplate
  package let reading: Reading
  /// The metrics of the task, where an evaluation names none.
  package let metrics: [String]

  /// Reads a template file, whose name is for messages only.
  ///
  /// Blocking.
  /// - Throws: `Problems` with positions, `SystemError` when the file cannot be read.
  package init(contentsOf path: String, name: String) throws {
    try self.init(bytes: try OpenFile(path: path, name: name).all(), name: name, file: path)
  }

  /// Reads a template from a file's bytes; positions name the file as given.
  package init(bytes: [UInt8], name: String, file: String) throws(Problems) {
    let root = try YAMLLoader.load(bytes, file: file)
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var parser = TemplateParser(lines: lines)
    let parts = parser.parse(root)
    guard let parts, parser.problems.isEmpty else { throw Problems(parser.problems) }
    self.name = name
    task = parts.task
    prompt = PromptTemplate(
      messages: parts.messages,
      maxTokens: parts.maxTokens,
      turnsField: parts.turnsField
    )
    target = TargetTemplate(content: parts.target)
    reading = parts.reading
    metrics = parts.metrics
  }
}
