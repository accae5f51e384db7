/// What the language is designed to have and this version has not: refused by name, so that nobody
/// looks for a mistake of their own.
package struct NotYet: Sendable {
  /// Kinds of nodes, with what to do meanwhile.
  package let kinds: [String: String]
  /// Words that fields will take: readers, metrics.
  package let values: Set<String>
  /// Library templates, `task/style`.
  package let templates: Set<String>

  package init(
    kinds: [String: String] = [:],
    values: Set<String> = [],
    templates: Set<String> = []
  ) {
    self.kinds = kinds
    self.values = values
    self.templates = templates
  }
}
