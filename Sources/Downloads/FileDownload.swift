import Transfer

/// The transfer of one published file into a partial file, over as many connections as it takes.
struct FileDownload {
  let url: String
  let part: PartialFile
  let web: WebReader
  let pace: DownloadPace
  let report: @Sendable (_ done: Int, _ total: Int?) -> Void

  /// Goes on from what is there until the server says that the file is whole.
  ///
  /// - Returns: Whether what is there now came by more than one answer.
  /// - Throws: `SourceError`, `SystemError`, `CancellationError`; what came is kept.
  func run() async throws -> Bool {
    var attempts = Attempts(pace)
    var hasStartedAnew = false
    var total: Int?
    while true {
      let start = part.size
      let answer = FileAnswer(part, of: url, limit: pace.largestFile, report: report)
      var limits = pace.limits
      limits.responseBytes = pace.largestFile
      let outcome = try await web.get(url, headers: headers(start), limits: limits, sink: answer)
      total = answer.total ?? total
      switch outcome {
      case .response(let response) where response.isSuccess:
        return answer.isRest
      case .response(let response) where response.status == 416 && start > 0:
        // There is nothing behind what we have: all of it, or more than there is.
        if ContentRange(response)?.total == start { return true }
        guard !hasStartedAnew else { throw refusal(response) }
        hasStartedAnew = true
        try part.cut(to: 0)
      case .response(let response):
        guard response.isPassing else { throw refusal(response) }
        try await attempts.next(
          after: refusal(response),
          hasProgress: false,
          wanted: response.retryAfter
        )
      case .failure(let failure):
        let error = error(failure, total)
        guard failure.isPassing else { throw error }
        try await attempts.next(after: error, hasProgress: part.size > start)
      }
    }
  }

  private func headers(_ start: Int) -> [HTTPHeader] {
    guard start > 0 else { return [] }
    let range = HTTPHeader("Range", "bytes=\(start)-")
    let validator = Validator(noted: part, for: url)
    return [range] + (validator.map { [HTTPHeader("If-Range", $0.value)] } ?? [])
  }

  private func error(_ failure: TransferFailure, _ total: Int?) -> SourceError {
    let came = total.map { "\(part.size) of \($0) bytes came" } ?? "\(part.size) bytes came"
    return SourceError(
      part.size > 0
        ? "'\(url)' was not fetched whole: \(came), then: \(failure.message)"
        : "'\(url)' cannot be fetched: \(failure.message)",
      hint: failure.advice
    )
  }

  private func refusal(_ response: HTTPResponse) -> SourceError {
    SourceError("the server answers \(response.statusText) for '\(url)'", hint: advice(response))
  }

  private func advice(_ response: HTTPResponse) -> String {
    switch response.status {
    case 404, 410:
      "look whether the file has moved; bytes that you have already go into the store with 'distill "
        + "import FILE'"
    case 401, 403:
      "data is fetched without keys: download the file yourself, and give it to 'distill import'"
    case 429, 500...:
      "run again later: what came is kept, and the download goes on from there"
    default: "open the address in a browser and see what it says"
    }
  }
}
