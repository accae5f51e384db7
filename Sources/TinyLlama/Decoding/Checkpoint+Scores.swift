extension Checkpoint {
  /// The scores of the token that follows each of some tokens, by the kernels that decode.
  ///
  /// For comparing the runtime with others; answers come from `GenerationEngine`.
  ///
  /// - Parameters:
  ///   - tokens: At least one, within the context.
  ///   - batch: Tokens that run together; never changes a score.
  /// - Returns: `[tokens, V]`.
  package func scores(after tokens: [Int32], batch: Int = 16) -> [[Float]] {
    let model = DecodingModel(self)
    let decoder = BatchDecoder(model, rowLimit: batch)
    let cache = KeyValueCache(configuration, expected: tokens.count, limit: tokens.count)
    var result: [[Float]] = []
    for start in stride(from: 0, to: tokens.count, by: batch) {
      let rows = (start..<min(start + batch, tokens.count)).map { index in
        BatchDecoder.Row(token: tokens[index], position: index, cache: cache, wantsScores: true)
      }
      for scores in decoder.run(rows) {
        let row = UnsafeBufferPointer(start: scores, count: configuration.vocabularySize)
        result.append(Array(row))
      }
    }
    return result
  }
}
