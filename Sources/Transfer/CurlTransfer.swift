import CCurl

/// One transfer in flight and what it has received.
///
/// Made, used and freed on the loop's thread alone.
final class CurlTransfer {
  let id: UInt64
  let easy: EasyHandle
  let request: HTTPRequest
  let body: BodyReader

  var status = 0
  var headers = HeaderBlock()
  var answer: AnswerBody
  /// How often libcurl was about to send the request.
  var sendings = 0
  /// Whether the answer passed a limit and the transfer was ended for it.
  var isTooLarge = false

  init(id: UInt64, _ request: HTTPRequest, on easy: EasyHandle) {
    self.id = id
    self.easy = easy
    self.request = request
    body = BodyReader(request.body)
    answer = AnswerBody(
      limit: request.limits.responseBytes,
      path: request.saveTo,
      sink: request.sink
    )
  }

  /// Sets every option; a failure says why the request cannot be sent at all.
  func prepare() throws(TransferFailure) {
    if let problem = body.problem {
      throw TransferFailure(.notSent, .invalidRequest, message: problem)
    }
    try easy.set(request, body: body)
    try easy.direct(to: self)
  }

  /// Takes one line of a header block; a status line starts the block anew (after `100 Continue`).
  ///
  /// - Returns: Whether to go on.
  func take(headerLine line: UnsafeRawBufferPointer) -> Bool {
    if line.starts(with: "HTTP/".utf8) {
      status = Self.status(line)
      headers.removeAll()
      return true
    }
    headers.append(line)
    isTooLarge = headers.count > HeaderBlock.limit
    return !isTooLarge
  }

  /// The number behind the first blank, 0 if there is none: `HTTP/1.1 200 OK`.
  private static func status(_ line: UnsafeRawBufferPointer) -> Int {
    let rest = line.drop { $0 != UInt8(ascii: " ") }.dropFirst()
    let digits = rest.prefix { $0 != UInt8(ascii: " ") && $0 >= 0x20 }
    return Int(String(decoding: digits, as: UTF8.self)) ?? 0
  }

  /// Status and headers as far as they have come.
  var head: HTTPResponse { HTTPResponse(status: status, headers: headers, body: []) }

  /// Takes a piece of the answer's body.
  ///
  /// - Returns: Whether to go on.
  func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    answer.take(bytes, of: head)
  }
}
