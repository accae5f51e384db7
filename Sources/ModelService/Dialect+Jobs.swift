import Diagnostics

/// What jobs and their files must be like.
extension Dialect {
  /// Whether fine-tuning jobs take `metadata` and `method`.
  ///
  /// Azure's do not: the members of its `FineTuningJobCreation` are model, files,
  /// `hyperparameters`, suffix and seed (azure-rest-api-specs, authoring 2024-10-21).
  var keepsJobMetadata: Bool { provider == .openAI }

  /// Azure reads `int32`, OpenAI documents `0…2147483647`.
  var jobSeeds: ClosedRange<Int64> { 0...Int64(Int32.max) }

  /// Whether training files begin with the bytes EF BB BF (azure-ai-docs, `fine-tuning-rest.md`).
  var marksTrainingFiles: Bool { provider != .openAI }

  /// Fewest rows that a job starts with; a service that has no such rule says so itself.
  var leastTrainingRows: Int { provider == .openAI ? 1 : 10 }

  /// Largest file that a job takes, in bytes ("less than 512 MB", and OpenAI's "up to 512 MB").
  var largestTrainingFile: Int { 512_000_000 }

  /// The path that lines of a batch name, and the batch itself.
  var batchPath: String { provider == .openAI ? "/v1/chat/completions" : "/chat/completions" }

  /// Most lines of a batch's file.
  var batchLines: Int { provider == .openAI ? 50_000 : 100_000 }

  /// Most bytes of a batch's file.
  var batchBytes: Int { 200_000_000 }

  /// Why a model cannot be named so; nil if it can.
  func problem(suffix: String) -> Problem? {
    switch provider {
    case .openAI:
      guard suffix.count > 64 else { return nil }
      return Problem(
        "suffix '\(suffix.prefix(80))' has \(suffix.count) characters; expected at most 64",
        at: nil
      )
    case .azure:
      let isPlain = suffix.utf8.allSatisfy { byte in
        let scalar = UnicodeScalar(byte)
        return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
          || ("0"..."9").contains(scalar) || "-_".unicodeScalars.contains(scalar)
      }
      guard suffix.count > 40 || !isPlain else { return nil }
      return Problem(
        "suffix '\(suffix.prefix(80))' is none that Azure OpenAI takes; expected at most 40 "
          + "characters of a-z, A-Z, 0-9, - and _",
        at: nil
      )
    }
  }
}
