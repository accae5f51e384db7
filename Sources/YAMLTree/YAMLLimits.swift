/// What a document may cost before it is refused: hostile files must not hurt.
package struct YAMLLimits: Sendable {
  /// Bytes of the file.
  package var bytes = 64 << 20
  /// Lists and maps within each other.
  package var depth = 64
  /// Scalars, lists and maps that are written out.
  package var nodes = 1_000_000
  /// Nodes that aliases add, all aliases together.
  package var aliasedNodes = 10_000
  /// Problems after which reading stops.
  package var problems = 1_000

  package init() {}
}
