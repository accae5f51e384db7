/// One answer in the making: what of its prompt has run, what it has said.
struct GenerationSequence {
  private let prompt: [Int32]
  private let tokenizer: Tokenizer
  private let endTokens: [Int32]
  private let stops: [[UInt8]]
  /// Tokens that the answer may have.
  private let limit: Int
  private let configuration: ModelConfiguration
  /// Made with the first row: requests that wait take no memory for it.
  private lazy var cache = KeyValueCache(configuration, capacity: prompt.count + limit)
  private var sampler: Sampler
  /// Tokens whose keys and values are in the cache.
  private var position = 0
  private var last: Int32?
  private var bytes: [UInt8] = []
  private var chosen = 0

  /// - Parameters:
  ///   - request: Checked already.
  ///   - prompt: Its tokens, fewer than the context.
  ///   - checkpoint: The model.
  init(_ request: GenerationRequest, prompt: [Int32], checkpoint: Checkpoint) {
    let room = checkpoint.configuration.contextLength - prompt.count
    self.prompt = prompt
    tokenizer = checkpoint.tokenizer
    endTokens = checkpoint.configuration.endTokens
    stops = request.stop.map { Array($0.utf8) }
    limit = min(request.maxTokens ?? room, room)
    configuration = checkpoint.configuration
    sampler = Sampler(request)
  }

  /// Whether the prompt has run and tokens come one by one.
  var isAnswering: Bool { position >= prompt.count }

  /// The rows to run next: the last token said, or up to `limit` tokens of the prompt.
  mutating func rows(limit: Int) -> [BatchDecoder.Row] {
    if let last {
      position += 1
      return [
        BatchDecoder.Row(token: last, position: position - 1, cache: cache, wantsScores: true)
      ]
    }
    let end = min(position + limit, prompt.count)
    defer { position = end }
    return (position..<end).map { index in
      BatchDecoder.Row(
        token: prompt[index],
        position: index,
        cache: cache,
        wantsScores: index == prompt.count - 1
      )
    }
  }

  /// Takes the scores that follow its last row; gives the result once the answer has ended.
  mutating func take(
    _ scores: UnsafeMutablePointer<Float>
  ) -> Result<GenerationResult, GenerationError>? {
    // Rows of the embedding beyond the tokenizer's tokens are padding and never chosen.
    let known = UnsafeMutableBufferPointer(start: scores, count: tokenizer.tokenCount)
    guard let token = sampler.choose(known) else { return .failure(.scoresNotFinite) }
    chosen += 1
    last = token
    if endTokens.contains(token) { return .success(result(.stop)) }
    let start = bytes.count
    bytes.append(contentsOf: tokenizer.bytes(of: token))
    if let cut = firstStop(from: start) {
      bytes.removeLast(bytes.count - cut)
      return .success(result(.stop))
    }
    return chosen == limit ? .success(result(.length)) : nil
  }

  private func result(_ reason: GenerationResult.FinishReason) -> GenerationResult {
    GenerationResult(
      text: String(decoding: bytes, as: UTF8.self),
      finishReason: reason,
      promptTokens: prompt.count,
      completionTokens: chosen
    )
  }

  /// Where the earliest stop text begins that ends behind `start`.
  private func firstStop(from start: Int) -> Int? {
    stops.compactMap { stop in
      let first = max(0, start - stop.count + 1)
      guard bytes.count - stop.count >= first else { return nil }
      return (first...bytes.count - stop.count).first { bytes[$0...].starts(with: stop) }
    }.min()
  }
}
