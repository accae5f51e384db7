/// What can go wrong with a request, by the name that scripts and prompts use.
enum FaultName: String, CaseIterable, Sendable {
  // Refused: the service says so, and nothing happens.
  case status
  case rateLimit = "rate-limit"
  case rateLimitDate = "rate-limit-date"
  case rateLimitLong = "rate-limit-long"
  case rateLimitBare = "rate-limit-bare"
  case rateLimitGarbage = "rate-limit-garbage"
  case rateLimitMilliseconds = "rate-limit-ms"
  case quota
  case serverError = "server-error"
  case overloaded
  case unauthorized
  case forbidden
  case notFound = "not-found"
  case tooLarge = "too-large"
  case unprocessable
  case redirect

  // Cut before anything is charged.
  case resetBeforeReading = "reset-before-reading"
  case resetInsideRequest = "reset-inside-request"
  case resetBeforeCharge = "reset-before-charge"
  case closeBeforeCharge = "close-before-charge"
  case stallBeforeCharge = "stall-before-charge"

  // Charged, and the answer is lost or late.
  case resetAfterCharge = "reset-after-charge"
  case closeAfterCharge = "close-after-charge"
  case stallBeforeHeaders = "stall-before-headers"
  case badGateway = "bad-gateway"
  case gatewayTimeout = "gateway-timeout"
  case resetInsideHeaders = "reset-inside-headers"
  case resetInsideAnswer = "reset-inside-answer"
  case closeInsideAnswer = "close-inside-answer"
  case stallInsideAnswer = "stall-inside-answer"
  case drip
  case shortBody = "short-body"
  case longBody = "long-body"
  case chunksCut = "chunks-cut"
  case closeAfterAnswer = "close-after-answer"
  case streamCut = "stream-cut"
  case streamDuplicate = "stream-duplicate"
  case streamError = "stream-error"

  // Charged, and what comes with status 200 is no answer.
  case html
  case errorInside = "error-inside"
  case emptyBody = "empty-body"
  case truncatedJSON = "truncated-json"
  case invalidUTF8 = "invalid-utf8"
  case rawNUL = "raw-nul"
  case loneSurrogate = "lone-surrogate"
  case duplicateKeys = "duplicate-keys"
  case deepJSON = "deep-json"
  case notANumber = "nan"
  case hugeNumbers = "huge-numbers"
  case huge
  case endless
  case gzipBomb = "gzip-bomb"
  case noChoices = "no-choices"

  // Charged, and the answer is an odd one.
  case byteOrderMark = "bom"
  case escapedNUL = "nul"
  case finishReason = "finish-reason"
  case finishNull = "finish-null"
  case contentFilter = "content-filter"
  case toolCalls = "tool-calls"
  case nullContent = "null-content"
  case refusal
  case emptyContent = "empty-content"
  case whitespace
  case loop
  case choicesMissing = "choices-missing"
  case noUsage = "no-usage"
  case negativeUsage = "negative-usage"
  case wrongModel = "wrong-model"
  case noModel = "no-model"
  case otherID = "other-id"
  case swapped
}

extension FaultName {
  /// Whether the request has its effect all the same: it is charged, its job or batch is created.
  ///
  /// A script can say otherwise for one fault by `"charge": true` or `false`.
  var charges: Bool {
    switch self {
    case .status, .rateLimit, .rateLimitDate, .rateLimitLong, .rateLimitBare, .rateLimitGarbage,
      .rateLimitMilliseconds, .quota, .serverError, .overloaded, .unauthorized, .forbidden,
      .notFound, .tooLarge, .unprocessable, .redirect, .resetBeforeReading, .resetInsideRequest,
      .resetBeforeCharge, .closeBeforeCharge, .stallBeforeCharge:
      false
    default: true
    }
  }

  /// Whether the connection is cut before the request is read whole, so that nothing can happen.
  var cutsRequest: Bool { self == .resetBeforeReading || self == .resetInsideRequest }

  /// Whether it changes what the answer says, so that a saved answer keeps it.
  var changesAnswer: Bool {
    switch self {
    case .html, .errorInside, .emptyBody, .truncatedJSON, .invalidUTF8, .rawNUL, .loneSurrogate,
      .duplicateKeys, .deepJSON, .notANumber, .hugeNumbers, .huge, .endless, .gzipBomb, .noChoices:
      true
    default: isOddAnswer
    }
  }

  /// Whether the answer is whole, valid JSON with something odd in it.
  var isOddAnswer: Bool {
    switch self {
    case .byteOrderMark, .escapedNUL, .finishReason, .finishNull, .contentFilter, .toolCalls,
      .nullContent, .refusal, .emptyContent, .whitespace, .loop, .choicesMissing, .noUsage,
      .negativeUsage, .wrongModel, .noModel, .otherID, .swapped:
      true
    default: false
    }
  }

  /// Faults that a client overcomes by trying again, and that keep no one waiting: what a script
  /// mixes where it names none.
  static let passing: [FaultName] = [
    .rateLimit, .rateLimitBare, .rateLimitMilliseconds, .serverError, .overloaded,
    .resetBeforeReading, .resetInsideRequest, .resetBeforeCharge, .closeBeforeCharge,
    .resetAfterCharge, .closeAfterCharge, .badGateway, .gatewayTimeout, .resetInsideHeaders,
    .resetInsideAnswer, .closeInsideAnswer, .shortBody, .chunksCut, .truncatedJSON, .html,
    .emptyBody, .closeAfterAnswer,
  ]
}
