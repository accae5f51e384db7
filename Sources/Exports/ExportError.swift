// Exports: a run in the forms of others: a Provenance Run Crate, OpenLineage events, an MLflow run.
// It reads records, results and objects and writes folders or sends requests. It knows nothing of
// YAML, of running, or of what the kinds do. What it writes is described in docs/exports.md.

/// Why a run could not be exported.
package struct ExportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Lower case, for people; holds no key.
  package let description: String
  /// What to do next.
  package let hint: String?

  package init(_ description: String, hint: String? = nil) {
    self.description = description
    self.hint = hint
  }
}
