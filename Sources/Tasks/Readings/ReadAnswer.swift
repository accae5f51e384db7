import Primitives

/// What a reading found in one completion.
package struct ReadAnswer: Hashable, Sendable {
  /// The answer that counts: the strict one where there is one, else the flexible; nil is invalid.
  package let value: String?
  /// The answer where the text marks it as one (`The answer is …`, `\boxed{…}`).
  package let strict: String?
  /// The answer that the text most likely means, marked or not.
  package let flexible: String?
  /// Whether the two readings do not contradict each other.
  package let agrees: Bool

  /// Takes two answers; `equal` says when they are the same.
  init(strict: String?, flexible: String?, equal: (String, String) -> Bool) {
    value = strict ?? flexible
    self.strict = strict
    self.flexible = flexible
    if let strict, let flexible { agrees = equal(strict, flexible) } else { agrees = true }
  }
}
