package import Execution
import Primitives
package import Workflow

/// Trains a student on a training set.
package enum FineTune: RunnableKind {
  package static let name = "fine-tune"
  package static let version = 1
  package static let work = WorkClass.training
  package static let outputs: [ArtifactType] = [.model]
  package static let doc = """
    A model tuned on a training set by the fine-tuning job API: that of a provider, or the tool's \
    own for embedded models. The defaults are the paper's (arXiv 2410.18588): 5 epochs at a \
    learning rate of 2e-5. Loss is taken on the assistant's turns only.
    """

  package static let fields: [Field] = [
    CommonFields.model,
    Field(
      "data",
      .reference(.trainingSet, parts: [Part.rows]),
      required: true,
      "The training set of a substitute-labels node."
    ),
    Field(
      "validation",
      .reference(.trainingSet, parts: [Part.rows]),
      "A training set on which the loss is measured and nothing is learnt."
    ),
    Field("epochs", .integer(1...1000), default: 5, "How often each row is seen."),
    Field(
      "learning_rate",
      .number(1e-9...1),
      "The peak rate, for models that the tool trains; 2e-5 where neither rate is written. Providers "
        + "take a multiple of their own only."
    ),
    Field(
      "learning_rate_multiplier",
      .number(0.001...1000),
      "The rate as a multiple of the provider's default, instead of `learning_rate`."
    ),
    Field(
      "batch_size_multiplier",
      .number(0.0625...64),
      default: 1.0,
      "The batch as a multiple of 16 rows."
    ),
    CommonFields.seed,
  ]

  /// Rows in a batch at a multiplier of 1.
  static let batchSize = 16
  /// The paper's learning rate.
  static let learningRate = 2e-5
}
