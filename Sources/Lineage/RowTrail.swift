package import ModelService
package import Primitives
package import Store
package import Tasks

/// One row of an artifact, and what it was made of: the row of the data, calls, rows before it.
package struct RowTrail: Sendable {
  /// The action that made the artifact.
  package let step: Step
  /// Of the row in the artifact, from 1.
  package let number: Int
  package let id: String
  /// The row itself.
  package let value: JSON
  package let data: DataRow?
  /// How answers were read, where they were.
  package let reading: JSON?
  package let calls: [CallTrail]
  /// The rows of other artifacts that this one was made of.
  package let parents: [RowTrail]
  /// What tuned the model that was asked; only where the row is the one asked about.
  package let tuning: TuningTrail?
}

/// The row of a dataset, and where it stands in the file that it was read from.
package struct DataRow: Sendable {
  package let record: Record
  /// Instances that have the dataset.
  package let names: [String]
  package let file: FileTrail?
  /// Nil where no file is known, or the place was not asked for.
  package let place: RowPlace?
}

/// One call behind a row.
package struct CallTrail: Sendable {
  package let call: ModelCall
  package let model: ModelTrail?
  /// The name of the instance that tuned the model.
  package let tunedBy: String?
  /// Nil where the ledger at hand does not have the call.
  package let detail: CallDetail?
  /// The attempt whose answer the row was made of.
  package let attempt: AttemptRecord?
  /// The run that paid for it.
  package let origin: RunOrigin?
  /// The answer as the row's reading takes it; nil where nothing was read there.
  package let read: ReadAnswer?

  /// The text of the answer.
  package var text: String? { body?["text"]?.string }

  /// Whether the model ended the answer by itself, so that a conversation goes on behind it.
  var isUsable: Bool { body?["state"]?.string == Answer.State.answered.rawValue }

  private var body: JSON? { attempt?.body.flatMap { try? JSON(parsing: $0) } }
}

/// The fine-tuning behind a model, down to the rows that it was trained on.
package struct TuningTrail: Sendable {
  /// The fine-tuning.
  package let step: Step
  /// The training set.
  package let data: Step
  /// The ids of all training rows, in their order.
  package let ids: [String]
  /// The first of the rows, or all, as was asked for.
  package let rows: [RowTrail]
}
