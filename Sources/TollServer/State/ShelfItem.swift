import Primitives

/// Something that outlives the server: a file's data, a job, a batch, a deployment.
protocol ShelfItem: Sendable {
  /// Part of a file's name: letters, digits, `-`, `_`, `.`, `:`.
  var id: String { get }
  /// From 1, in order of making.
  var sequence: Int { get }
  var json: JSON { get }
  init?(_ json: JSON)
}
