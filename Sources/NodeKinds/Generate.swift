package import Diagnostics
package import Execution
package import Workflow

/// Asks a model about every row of a dataset.
package enum Generate: Asking {
  package static let name = "generate"
  package static let version = 1
  package static let work = WorkClass.calls
  package static let outputs: [ArtifactType] = [.completions]
  package static let doc = """
    A model's answers to a template, for every row of a dataset (equation 6 of arXiv 2410.18588). \
    Every answer is recorded durably before anything uses it, so an interrupted run goes on where \
    it was and pays for nothing twice.
    """
  package static let fields: [Field] = [
    CommonFields.model, CommonFields.template, CommonFields.decoding, CommonFields.data,
    CommonFields.samples, CommonFields.seed, CommonFields.reroll, CommonFields.mode,
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    SamplingRule.check(instance) + BatchRule.check(instance, in: plan)
  }
}
