// NodeKinds: what each kind of node takes, and how it runs. One file a kind.
// It knows nothing about the command line, the graph or the scheduler.

package import Execution

/// All kinds of node, sorted by name; a test compares the list with the folder.
package enum KindList {
  package static let all: [any RunnableKind.Type] = [
    Command.self,
    CostByFormula.self,
    Dataset.self,
    Evaluate.self,
    FineTune.self,
    Generate.self,
    ImportCompletions.self,
    Judge.self,
    Parse.self,
    SelectTemplate.self,
    SubstituteLabels.self,
    Table.self,
    Tune.self,
  ]

  /// Kinds that the design names and that are not there yet, with what to do meanwhile.
  package static let notYet: [String: String] = [
    "rate": "export the completions with 'distill get' and rate them by hand"
  ]
}
