/// One answer in the making: what of its prompt has run, what it has said.
struct GenerationSequence {
  private let prompt: [Int32]
  private let tokenizer: Tokenizer
  private let endTokens: [Int32]
  private var text: AnswerText
  private let alternatives: Int?
  private let onPiece: (@Sendable (GenerationPiece) -> Void)?
  private var scored: [ScoredToken] = []
  /// Of `scored`, those that went out in pieces.
  private var sent = 0
  /// Tokens that the answer may have.
  private let limit: Int
  private let configuration: ModelConfiguration
  /// Made with the first row: requests that wait take no memory for it.
  private lazy var cache = KeyValueCache(
    configuration,
    expected: prompt.count,
    limit: prompt.count + limit
  )
  private var sampler: Sampler
  /// Tokens whose keys and values are in the cache.
  private var position = 0
  private var last: Int32?
  private var chosen = 0

  /// - Parameters:
  ///   - request: Checked already.
  ///   - prompt: Its tokens, fewer than the context.
  ///   - checkpoint: The model.
  ///   - onPiece: Gets the text as it comes.
  init(
    _ request: GenerationRequest,
    prompt: [Int32],
    checkpoint: Checkpoint,
    onPiece: (@Sendable (GenerationPiece) -> Void)?
  ) {
    let room = checkpoint.configuration.contextLength - prompt.count
    self.prompt = prompt
    tokenizer = checkpoint.tokenizer
    endTokens = checkpoint.configuration.endTokens
    text = AnswerText(stops: request.stop)
    alternatives = request.alternatives
    self.onPiece = onPiece
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
    let isCut = text.append(tokenizer.bytes(of: token))
    if let alternatives, !isCut || text.endsBehindTokenStart {
      scored.append(ScoredToken(token, UnsafeBufferPointer(known), alternatives, tokenizer))
    }
    if isCut { return .success(result(.stop)) }
    if chosen == limit { return .success(result(.length)) }
    send(text.takeSafe())
    return nil
  }

  private mutating func send(_ more: String) {
    guard let onPiece, !more.isEmpty else { return }
    onPiece(GenerationPiece(text: more, tokens: Array(scored[sent...])))
    sent = scored.count
  }

  private mutating func result(_ reason: GenerationResult.FinishReason) -> GenerationResult {
    send(text.takeRest())
    return GenerationResult(
      text: text.whole,
      finishReason: reason,
      promptTokens: prompt.count,
      completionTokens: chosen,
      tokens: scored
    )
  }
}
