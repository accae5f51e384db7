import Primitives
package import Transfer

/// Sends requests of an export and says in words what went wrong.
package struct ExportClient: Sendable {
  package let address: ExportAddress
  private let transfer: TransferClient
  private let limits: TransferLimits

  /// What a service answered, of whatever status.
  struct Answer: Sendable {
    let status: Int
    let body: [UInt8]

    var isSuccess: Bool { (200..<300).contains(status) }
    var json: JSON? { try? JSON(parsing: body) }
  }

  /// Enough for a service that is there; one that is not must hold up nobody for long.
  package static let shortLimits = TransferLimits(
    connect: .seconds(3),
    total: .seconds(10),
    responseBytes: 16 << 20
  )

  package init(
    _ address: ExportAddress,
    transfer: TransferClient,
    limits: TransferLimits = ExportClient.shortLimits
  ) {
    self.address = address
    self.transfer = transfer
    self.limits = limits
  }

  /// Sends JSON and gives back the answer, of whatever status below 300 or from 400.
  ///
  /// - Throws: `ExportError` where no answer came, or a redirect, which is not followed.
  func send(
    _ method: HTTPRequest.Method,
    _ path: String = "",
    _ json: JSON? = nil
  ) async throws(ExportError) -> Answer {
    let body = json.map { HTTPBody.bytes(Array($0.compactText.utf8)) } ?? .empty
    return try await perform(address.request(method, path, body: body, limits: limits))
  }

  /// Sends a file's bytes.
  func put(_ path: String, bytes: [UInt8]) async throws(ExportError) -> Answer {
    try await perform(
      address.request(
        .put,
        path,
        contentType: "application/octet-stream",
        body: .bytes(bytes),
        limits: limits
      )
    )
  }

  /// The error that an answer stands for.
  func refusal(_ answer: Answer, of what: String) -> ExportError {
    let said = answer.json?["message"]?.string ?? String(decoding: answer.body, as: UTF8.self)
    let text = said.isEmpty ? "" : ": \(address.shown(said))"
    let hint =
      [401, 403].contains(answer.status)
      ? "set the key that the service wants in the environment" : nil
    return ExportError("\(what): '\(address.url)' answered \(answer.status)\(text)", hint: hint)
  }

  private func perform(_ request: HTTPRequest) async throws(ExportError) -> Answer {
    switch await transfer.perform(request) {
    case .failure(let failure):
      throw ExportError("no answer from '\(address.url)': \(address.shown(failure.message))")
    case .response(let response):
      guard !(300..<400).contains(response.status) else {
        let place = response.redirect.map { " to '\(address.shown($0))'" } ?? ""
        throw ExportError(
          "'\(address.url)' redirects\(place), which is not followed",
          hint: "give the address that is meant"
        )
      }
      return Answer(status: response.status, body: response.body)
    }
  }
}
