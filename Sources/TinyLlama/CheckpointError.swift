/// Why a folder or a set of files is not a checkpoint that this runtime can use.
package struct CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name of the file at fault.
  package let file: String
  package let message: String

  package init(file: String, _ message: String) {
    self.file = file
    self.message = message
  }

  package var description: String { "\(file): \(message)" }
}
