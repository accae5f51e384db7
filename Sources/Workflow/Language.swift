/// The words of the language that are not its grammar: kinds, and what is not there yet.
package struct Language: Sendable {
  /// Sorted by name.
  package let kinds: [any NodeKind.Type]
  package let notYet: NotYet

  package init(kinds: [any NodeKind.Type], notYet: NotYet = NotYet()) {
    self.kinds = kinds.sorted { $0.name < $1.name }
    self.notYet = notYet
  }

  package var kindNames: [String] { kinds.map { $0.name } }

  package func kind(named name: String) -> (any NodeKind.Type)? {
    kinds.first { $0.name == name }
  }
}
