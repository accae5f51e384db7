/// What a kind does with the rows of a dataset, for the rule that what is scored was not learnt from.
package struct RowUse: Hashable, Sendable {
  package enum Role: Int, Hashable, Sendable {
    /// A model is trained on them, with labels of theirs.
    case training
    /// They stand in prompts as worked examples.
    case fewShot
    /// Decoding, templates or the length of training are chosen by them.
    case tuning
    /// They are scored.
    case test

    /// As messages name the rows.
    package var word: String {
      switch self {
      case .training: "training"
      case .fewShot: "few-shot"
      case .tuning: "tuning"
      case .test: "test"
      }
    }
  }

  /// Where the dataset stands among the inputs: `data`, `examples.data`, `of.data`.
  ///
  /// Where what stands there was itself made of a dataset (a training set that is only for
  /// validation), the role is that of the rows which were to be trained on.
  package let slot: String
  package let role: Role

  package init(_ slot: String, _ role: Role) {
    self.slot = slot
    self.role = role
  }
}
