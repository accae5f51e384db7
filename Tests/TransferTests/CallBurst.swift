import Testing
import Transfer

/// 500 calls by 8 workers over a pool of 8 connections, every fifth of them with a fault.
///
/// A call's body says what the server is to do: a fault's name or `answer`, and a number.
struct CallBurst: Sendable {
  let url: String
  let faults: [String]
  /// Whether bodies go by libcurl's read callback.
  var inPieces = false
  var version = HTTPVersion.http1

  static let calls = 500
  static let workers = 8

  private func body(_ number: Int) -> String {
    "\(number % 5 == 4 ? faults[number / 5 % faults.count] : "answer") \(number)"
  }

  private func request(_ body: String) -> HTTPRequest {
    let bytes = Array(body.utf8)
    let pieces = [Array(bytes.prefix(3)), Array(bytes.dropFirst(3))].map(HTTPBody.Piece.bytes)
    return HTTPRequest(
      .post,
      url,
      body: inPieces ? HTTPBody(pieces) : .bytes(bytes),
      limits: TransferLimits(total: .seconds(60), version: version),
      proxy: .none
    )
  }

  /// What each call came to, by its body.
  func send() async -> [String: HTTPOutcome] {
    let client = TransferClient(idleConnections: Self.workers)
    return await withTaskGroup(of: [String: HTTPOutcome].self) { group in
      for worker in 0..<Self.workers {
        group.addTask {
          var outcomes: [String: HTTPOutcome] = [:]
          for number in stride(from: worker, to: Self.calls, by: Self.workers) {
            let body = body(number)
            outcomes[body] = await client.perform(request(body))
          }
          return outcomes
        }
      }
      return await group.reduce(into: [:]) { all, some in all.merge(some) { one, _ in one } }
    }
  }

  /// Expects one charge for each call, whatever came of it, and each failure in doubt.
  func expectOneCharge(each outcomes: [String: HTTPOutcome], _ charges: [String]) {
    #expect(outcomes.count == Self.calls)
    #expect(charges.sorted() == outcomes.keys.sorted())
    for (body, outcome) in outcomes {
      switch outcome {
      case .response(let response): #expect(body.hasPrefix("answer") && response.status == 200)
      case .failure(let failure):
        #expect(!body.hasPrefix("answer") && failure.delivery == .inDoubt, "\(body): \(failure)")
      }
    }
  }
}

/// Four calls on one connection, which the server leaves once it has all of them.
struct GoAwayRound: Sendable {
  let url: String
  /// The body of the call that the server looks at.
  let first: String

  /// What each call came to, by its body.
  func send(with client: TransferClient) async -> [String: HTTPOutcome] {
    let bodies = [first] + (1...3).map { "answer \($0) of \(first)" }
    return await withTaskGroup(of: (String, HTTPOutcome).self) { group in
      for body in bodies {
        let request = HTTPRequest(
          .post,
          url,
          body: .bytes(Array(body.utf8)),
          limits: TransferLimits(total: .seconds(20), version: .http2),
          proxy: .none
        )
        group.addTask { (body, await client.perform(request)) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }
}
