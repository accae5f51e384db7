package import Execution

// What each kind does with rows: in one place, since the rule that nothing is scored on what it learnt
// from is one rule over all of them.

extension SubstituteLabels {
  package static var rowUses: [RowUse] { [RowUse("data", .training)] }
}

extension FineTune {
  /// The rows of a training set that is only measured on are not learnt from.
  package static var rowUses: [RowUse] { [RowUse("validation", .tuning)] }
}

extension SelectTemplate {
  package static var rowUses: [RowUse] { [RowUse("examples.data", .fewShot)] }
}

extension Tune {
  package static var rowUses: [RowUse] { [RowUse("data", .tuning)] }
}

extension Evaluate {
  package static var rowUses: [RowUse] { [RowUse("data", .test), RowUse("of.data", .test)] }
}

extension Judge {
  package static var rowUses: [RowUse] { [RowUse("of", .test), RowUse("of.data", .test)] }
}
