import ModelService
import TestSupport
import Testing
import Transfer

@Suite("Headers about rates and waits")
struct RateHeadersTests {
  private static func response(_ headers: [String: String]) -> HTTPResponse {
    let headers = headers.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) }
    return HTTPResponse(status: 429, headers: HeaderBlock(headers), body: [])
  }

  @Test("OpenAI's form: durations until a bucket is full")
  func readsDurations() throws {
    let headers = try #require(
      RateHeaders(
        Self.response([
          "X-RateLimit-Limit-Requests": "60", "x-ratelimit-remaining-requests": "59",
          "x-ratelimit-reset-requests": "1s", "x-ratelimit-limit-tokens": "150000",
          "x-ratelimit-remaining-tokens": "149984", "x-ratelimit-reset-tokens": "6m0s",
        ])
      )
    )
    #expect(headers.requests == .init(limit: 60, remaining: 59, reset: .steady(1)))
    #expect(headers.tokens == .init(limit: 150_000, remaining: 149_984, reset: .steady(360)))
  }

  @Test(
    "resets in every form",
    arguments: [
      ("1s", RateHeaders.Reset.steady(1)), ("12ms", .steady(0.012)), ("6m0s", .steady(360)),
      ("1h2m3.5s", .steady(3723.5)), ("59.961s", .steady(59.961)), ("250us", .steady(0.00025)),
      ("250µs", .steady(0.00025)), ("1d", .steady(86_400)), ("0s", .steady(0)),
      ("60", .window(60)), ("1", .window(1)), ("0.5", .window(0.5)), ("-1", nil), ("0", nil),
      ("1700000000", nil), ("NaN", nil), ("inf", nil), ("", nil), ("soon", nil), ("1x", nil),
      ("s", nil), ("1.2.3s", nil), ("9999999999999h", nil), ("2026-11-21T00:00:00Z", nil),
    ]
  )
  func readsResets(text: String, expected: RateHeaders.Reset?) {
    let headers = RateHeaders(
      Self.response([
        "x-ratelimit-remaining-tokens": "3", "x-ratelimit-reset-tokens": text,
      ])
    )
    #expect(headers?.tokens == .init(remaining: 3, reset: expected))
  }

  @Test(
    "counts that are none say nothing: Azure sends -1 and 0 where it does not know",
    arguments: ["-1", "-0.5", "NaN", "infinity", "1e300", "many", ""]
  )
  func refusesCounts(text: String) {
    let headers = Self.response([
      "x-ratelimit-limit-requests": text, "x-ratelimit-remaining-requests": text,
    ])
    #expect(RateHeaders(headers) == nil)
    #expect(RateHeaders(Self.response(["x-ratelimit-limit-requests": "0"])) == nil)
    #expect(RateHeaders(Self.response(["x-ratelimit-remaining": "5", "date": "x"])) == nil)
  }

  /// 2026-11-21 00:00:00 UTC.
  private static let now: Int64 = 1_795_219_200

  @Test(
    "Retry-After in every form",
    arguments: [
      (["retry-after": "2"], Duration.seconds(2)),
      (["Retry-After": "0.25"], .milliseconds(250)),
      (["retry-after-ms": "1500", "retry-after": "9"], .milliseconds(1500)),
      (["retry-after-ms": "soon", "retry-after": "9"], .seconds(9)),
      (["retry-after": "-5"], .zero), (["retry-after-ms": "-5"], .zero),
      (["retry-after": "1e300"], .seconds(31_536_000)),
      (["retry-after": "infinity"], .seconds(31_536_000)),
      (["retry-after": "99999999999999999999"], .seconds(31_536_000)),
      (["retry-after": "NaN"], nil), (["retry-after": "soon"], nil), (["retry-after": ""], nil),
      ([:], nil),
      (["retry-after": "Sat, 21 Nov 2026 00:01:30 GMT"], .seconds(90)),
      (["retry-after": "Saturday, 21-Nov-26 00:01:30 GMT"], .seconds(90)),
      (["retry-after": "Sat Nov 21 00:01:30 2026"], .seconds(90)),
      (["retry-after": "Sun Nov  1 00:01:30 2026"], .zero),
      (["retry-after": "Fri, 20 Nov 2026 00:00:00 GMT"], .zero),
      (["retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"], .seconds(31_536_000)),
      (["retry-after": "Sat, 21 Nov 2026 25:01:30 GMT"], nil),
      (["retry-after": "Sat, 00 Nov 2026 00:01:30 GMT"], nil),
      (["retry-after": "Sat, 21 Nov 2026 00:01:30 CET"], nil),
      // The server's clock is an hour ahead of ours: what it means is its own minute.
      (
        [
          "retry-after": "Sat, 21 Nov 2026 01:01:00 GMT", "date": "Sat, 21 Nov 2026 01:00:00 GMT",
        ], .seconds(60)
      ),
    ] as [([String: String], Duration?)]
  )
  func readsRetryAfter(headers: [String: String], expected: Duration?) {
    #expect(RetryAfter.wait(in: Self.response(headers), now: Self.now) == expected)
  }
}
