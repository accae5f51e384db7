import CLanes

/// Runs tokens of several sequences through the model at once.
///
/// A row is one token at its position. Rows of one sequence must come in order, so that each finds
/// the keys and values of those before it; rows of different sequences do not touch each other.
struct BatchDecoder {
  /// One token to run.
  struct Row {
    let token: Int32
    let position: Int
    let cache: KeyValueCache
    /// Whether the scores of the token that follows are wanted.
    let wantsScores: Bool
  }

  private let model: DecodingModel
  private let rowLimit: Int
  // All `[rowLimit, …]`, row-major.
  private let stream: FloatBuffer
  private let normed: FloatBuffer
  private let projected: FloatBuffer
  private let attended: FloatBuffer
  private let gateUp: FloatBuffer
  private let gated: FloatBuffer
  private let scores: FloatBuffer
  /// The input of a product, as its kernel wants it.
  private let packed: FloatBuffer
  /// Attention weights of one head over the whole context.
  private let weights: FloatBuffer

  init(_ model: DecodingModel, rowLimit: Int) {
    let configuration = model.configuration
    self.model = model
    self.rowLimit = rowLimit
    stream = FloatBuffer(count: rowLimit * configuration.hiddenSize)
    normed = FloatBuffer(count: rowLimit * configuration.hiddenSize)
    projected = FloatBuffer(
      count: rowLimit * (configuration.queryWidth + 2 * configuration.keyValueWidth)
    )
    attended = FloatBuffer(count: rowLimit * configuration.queryWidth)
    gateUp = FloatBuffer(count: rowLimit * 2 * configuration.intermediateSize)
    gated = FloatBuffer(count: rowLimit * configuration.intermediateSize)
    scores = FloatBuffer(count: rowLimit * configuration.vocabularySize)
    packed = FloatBuffer(
      count: rowLimit
        * max(configuration.hiddenSize, configuration.queryWidth, configuration.intermediateSize)
    )
    weights = FloatBuffer(count: configuration.contextLength)
  }

  /// Runs the rows and adds their keys and values to their caches.
  ///
  /// - Parameters:
  ///   - rows: At most as many as it was made for.
  ///   - threads: Threads that share large products; never changes a score.
  /// - Returns: For each row that wants scores, in order, `[V]` floats that are valid until the
  ///   next call.
  func run(_ rows: [Row], threads: Int = 1) -> [UnsafeMutablePointer<Float>] {
    precondition(rows.count <= rowLimit, "BUG: \(rows.count) rows, made for \(rowLimit)")
    let hidden = model.configuration.hiddenSize
    for (index, row) in rows.enumerated() {
      let source = model.embedding.base + Int(row.token) * hidden
      (stream.base + index * hidden).update(from: source, count: hidden)
    }
    func multiply(
      _ matrix: PackedMatrix,
      _ input: FloatBuffer,
      into output: FloatBuffer,
      adding: Bool = false
    ) {
      matrix.multiply(
        input.base,
        rows: rows.count,
        into: output.base,
        adding: adding,
        packed: packed.base,
        threads: threads
      )
    }
    for (index, layer) in model.layers.enumerated() {
      norm(rows.count, layer.inputNorm)
      multiply(layer.attentionIn, normed, into: projected)
      attend(rows, layer: index)
      multiply(layer.attentionOut, attended, into: stream, adding: true)
      norm(rows.count, layer.outputNorm)
      multiply(layer.gateUp, normed, into: gateUp)
      gate(rows.count)
      multiply(layer.down, gated, into: stream, adding: true)
    }
    return scores(of: rows, threads: threads)
  }

  private func norm(_ count: Int, _ scale: FloatBuffer) {
    let hidden = model.configuration.hiddenSize
    for row in 0..<count {
      VectorMath.rootMeanSquareNorm(
        stream.base + row * hidden,
        scale: scale.base,
        to: normed.base + row * hidden,
        width: hidden,
        epsilon: model.configuration.normEpsilon
      )
    }
  }

  private func gate(_ count: Int) {
    let inner = model.configuration.intermediateSize
    for row in 0..<count {
      clanes_gate(gateUp.base + row * 2 * inner, inner, gated.base + row * inner)
    }
  }

  /// The last norm and the output matrix, for the rows that want scores only.
  private func scores(of rows: [Row], threads: Int) -> [UnsafeMutablePointer<Float>] {
    let hidden = model.configuration.hiddenSize
    var count = 0
    for (index, row) in rows.enumerated() where row.wantsScores {
      VectorMath.rootMeanSquareNorm(
        stream.base + index * hidden,
        scale: model.finalNorm.base,
        to: normed.base + count * hidden,
        width: hidden,
        epsilon: model.configuration.normEpsilon
      )
      count += 1
    }
    model.output.multiply(
      normed.base,
      rows: count,
      into: scores.base,
      packed: packed.base,
      threads: threads
    )
    return (0..<count).map { scores.base + $0 * model.configuration.vocabularySize }
  }
}

// MARK: - Attention

extension BatchDecoder {
  private func attend(_ rows: [Row], layer: Int) {
    let configuration = model.configuration
    let query = configuration.queryWidth
    let width = configuration.keyValueWidth
    let group = configuration.headCount / configuration.keyValueHeadCount
    let scale = 1 / Float(configuration.headSize).squareRoot()
    for (index, row) in rows.enumerated() {
      let queries = projected.base + index * (query + 2 * width)
      model.rotary.rotate(
        queries,
        headCount: configuration.headCount + configuration.keyValueHeadCount,
        position: row.position
      )
      row.cache.reserve(row.position + 1)
      let keys = row.cache.keys(layer: layer)
      let values = row.cache.values(layer: layer)
      (keys + row.position * width).update(from: queries + query, count: width)
      (values + row.position * width).update(from: queries + query + width, count: width)
      for head in 0..<configuration.headCount {
        let shared = head / group * configuration.headSize
        let place = head * configuration.headSize
        // Over the tokens up to this one, first to last.
        clanes_attend(
          queries + place,
          keys + shared,
          values + shared,
          row.position + 1,
          configuration.headSize,
          width,
          scale,
          weights.base,
          attended.base + index * query + place
        )
      }
    }
  }
}
