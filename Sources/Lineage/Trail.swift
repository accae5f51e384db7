package import Primitives

/// The actions behind a result, as a graph: each once, however often it was used.
package struct Trail: Sendable {
  package let root: Digest
  /// The root first, then depth first in the order of the sources.
  package let steps: [Step]

  package subscript(key: Digest) -> Step? { steps.first { $0.key == key } }
}
