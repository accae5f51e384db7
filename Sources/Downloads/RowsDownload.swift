import Primitives
import Transfer

/// The gathering of all rows of a split into a partial file, page by page.
struct RowsDownload {
  let rows: HubRows
  let service: HubService
  let part: PartialFile
  let web: WebReader
  let pace: DownloadPace
  let report: @Sendable (_ done: Int, _ total: Int?) -> Void

  /// Goes on behind the rows that are there; none is asked for twice.
  ///
  /// - Throws: `SourceError`, `SystemError`, `CancellationError`; the rows that came are kept.
  func run() async throws {
    var count = try await keepWholeRows()
    while true {
      let page = try await page(from: count)
      for line in page.lines {
        let isKept = (line + [0x0A]).withUnsafeBytes { part.append($0) }
        if !isKept, let problem = part.problem { throw problem }
      }
      count += page.lines.count
      report(count, page.total)
      if count >= page.total { return }
    }
  }

  private func page(from offset: Int) async throws -> HubPage {
    var attempts = Attempts(pace)
    var limits = pace.limits
    limits.responseBytes = pace.largestPage
    while true {
      switch try await web.get(service.url(rows, offset: offset), limits: limits) {
      case .response(let response) where response.isSuccess:
        return try HubPage(response, of: rows, offset: offset)
      case .response(let response):
        let refusal = refusal(response)
        guard response.isPassing else { throw refusal }
        try await attempts.next(after: refusal, hasProgress: false, wanted: response.retryAfter)
      case .failure(let failure):
        let error = SourceError(
          "the rows of \(rows.name) cannot be fetched: \(failure.message)",
          hint: failure.advice
        )
        guard failure.isPassing else { throw error }
        try await attempts.next(after: error, hasProgress: false)
      }
    }
  }

  /// The service says in its body what is wrong: `{"error": "…"}`.
  private func refusal(_ response: HTTPResponse) -> SourceError {
    let reason = (try? JSON(parsing: response.body))?["error"]?.string.map { ": \($0.prefix(300))" }
    return SourceError(
      "the service answers \(response.statusText) for the rows of \(rows.name)\(reason ?? "")",
      hint: response.isPassing
        ? "run again later: the rows that came are kept"
        : "look at 'dataset', 'config' and 'split'; sets that ask for a login cannot be fetched: "
          + "download them and use 'path'"
    )
  }

  /// Drops a row that was cut off; how many whole ones there are.
  private func keepWholeRows() async throws -> Int {
    let (count, end) = try await Blocking.run { [part] in
      var (count, end, offset) = (0, 0, 0)
      try part.forEachPiece { piece in
        for byte in piece {
          offset += 1
          guard byte == 0x0A else { continue }
          count += 1
          end = offset
        }
      }
      return (count, end)
    }
    if end < part.size { try part.cut(to: end) }
    return count
  }
}
