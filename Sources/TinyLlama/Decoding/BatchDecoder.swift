/// Runs tokens of several sequences through the model at once, on one thread.
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
    weights = FloatBuffer(count: configuration.contextLength)
  }

  /// Runs the rows and adds their keys and values to their caches.
  ///
  /// - Returns: For each row that wants scores, in order, `[V]` floats that are valid until the
  ///   next call.
  func run(_ rows: [Row]) -> [UnsafeMutablePointer<Float>] {
    precondition(rows.count <= rowLimit, "BUG: \(rows.count) rows, made for \(rowLimit)")
    let hidden = model.configuration.hiddenSize
    for (index, row) in rows.enumerated() {
      let source = model.embedding.base + Int(row.token) * hidden
      (stream.base + index * hidden).update(from: source, count: hidden)
    }
    for (index, layer) in model.layers.enumerated() {
      norm(rows.count, layer.inputNorm)
      layer.attentionIn.multiply(normed.base, rows: rows.count, into: projected.base)
      attend(rows, layer: index)
      layer.attentionOut.multiply(
        attended.base,
        rows: rows.count,
        into: stream.base,
        adding: true
      )
      norm(rows.count, layer.outputNorm)
      layer.gateUp.multiply(normed.base, rows: rows.count, into: gateUp.base)
      gate(rows.count)
      layer.down.multiply(gated.base, rows: rows.count, into: stream.base, adding: true)
    }
    return scores(of: rows)
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
      let gates = gateUp.base + row * 2 * inner
      let target = gated.base + row * inner
      for index in stride(from: 0, to: inner, by: 8) {
        let activated = VectorMath.silu(VectorMath.load(gates + index)).value
        VectorMath.store(activated * VectorMath.load(gates + inner + index), to: target + index)
      }
    }
  }

  /// The last norm and the output matrix, for the rows that want scores only.
  private func scores(of rows: [Row]) -> [UnsafeMutablePointer<Float>] {
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
    model.output.multiply(normed.base, rows: count, into: scores.base)
    return (0..<count).map { scores.base + $0 * model.configuration.vocabularySize }
  }
}

// MARK: - Attention

extension BatchDecoder {
  private func attend(_ rows: [Row], layer: Int) {
    let configuration = model.configuration
    let query = configuration.queryWidth
    let width = configuration.keyValueWidth
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
      let group = configuration.headCount / configuration.keyValueHeadCount
      for head in 0..<configuration.headCount {
        let shared = head / group * configuration.headSize
        let place = head * configuration.headSize
        attend(
          queries + place,
          keys + shared,
          values + shared,
          count: row.position + 1,
          to: attended.base + index * query + place
        )
      }
    }
  }

  /// One head of one token over the `count` tokens up to it, first to last.
  private func attend(
    _ query: UnsafeMutablePointer<Float>,
    _ keys: UnsafeMutablePointer<Float>,
    _ values: UnsafeMutablePointer<Float>,
    count: Int,
    to output: UnsafeMutablePointer<Float>
  ) {
    let size = model.configuration.headSize
    let width = model.configuration.keyValueWidth
    let scale = 1 / Float(size).squareRoot()
    for index in 0..<count {
      let key = keys + index * width
      var sum = VectorMath.Lanes.zero
      for lane in stride(from: 0, to: size, by: 8) {
        sum += VectorMath.load(query + lane) * VectorMath.load(key + lane)
      }
      weights.base[index] = VectorMath.sum(sum) * scale
    }
    VectorMath.softmax(weights.base, count)
    for lane in stride(from: 0, to: size, by: 8) {
      var sum = VectorMath.Lanes.zero
      for index in 0..<count {
        sum += VectorMath.load(values + index * width + lane) * weights.base[index]
      }
      VectorMath.store(sum, to: output + lane)
    }
  }
}
