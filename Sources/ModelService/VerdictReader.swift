import Primitives
import Transfer

/// Reads what a service did with a chat completion.
struct VerdictReader {
  let endpoint: ModelEndpoint
  let secret: Secret?
  /// Seconds since 1970, UTC.
  let now: Int64

  func verdict(_ outcome: HTTPOutcome) -> Verdict {
    switch outcome {
    case .failure(let failure): verdict(failure)
    case .response(let response): verdict(response)
    }
  }

  private func verdict(_ failure: TransferFailure) -> Verdict {
    let message = shown(failure.message)
    switch (failure.cause, failure.delivery) {
    case (.invalidRequest, _):
      return .stop(EndpointStop(.unreachable, "\(endpoint.name) cannot be asked: \(message)"))
    case (.certificateRefused, _):
      return .stop(
        EndpointStop(
          .unreachable,
          "\(endpoint.name) cannot be trusted: \(message)",
          hint: "if the server is the right one, name the file with its authority in SSL_CERT_FILE"
        )
      )
    // It would be as large the next time, and be paid for again.
    case (.answerTooLarge, _):
      return .final(Answer(.rejected, rejection: message), isCharged: nil)
    case (_, .notSent): return .notSent(message: message)
    case (_, .inDoubt):
      return .inDoubt(
        message: message,
        fragment: failure.partial.map { fragment(of: $0) },
        mayResend: true
      )
    }
  }

  /// What the statuses mean; `x-should-retry` has the last word where nothing can have been charged.
  private func verdict(_ response: HTTPResponse) -> Verdict {
    switch response.status {
    case 200..<300: return success(response)
    case 300..<400: return .stop(redirect(response))
    // A proxy gave up waiting; what is behind it may have answered and charged.
    case 502, 504, 520..<529: return doubt(response, title(response))
    case 402: return .stop(stop(response))
    case 400..<500 where APIErrorBody(response.body).isAboutMoney: return .stop(quota(response))
    case 408, 409, 425, 429: return refusal(response)
    case 400..<500 where response.header("x-should-retry") == "true": return refusal(response)
    case 400, 413, 422: return rejection(response)
    case 400..<500: return .stop(stop(response))
    default: return refusal(response)
    }
  }

  private func success(_ response: HTTPResponse) -> Verdict {
    do throws(ChatReply.Malformed) {
      return .final(try ChatReply.read(response.body).redacted(secret), isCharged: true)
    } catch {
      return doubt(response, shown("answered \(response.status), but \(error.message)"))
    }
  }

  private func doubt(_ response: HTTPResponse, _ message: String) -> Verdict {
    .inDoubt(
      message: message,
      fragment: fragment(of: response),
      mayResend: response.header("x-should-retry") != "false"
    )
  }

  private func rejection(_ response: HTTPResponse) -> Verdict {
    let error = APIErrorBody(response.body)
    // Anything but JSON comes from a server before the service and says nothing about the row,
    // save that the row is too large for it.
    guard error.isJSON || response.status == 413, !error.isAboutEndpoint else {
      return .stop(stop(response))
    }
    let rejection = shown("\(response.status): \(error.text)")
    return .final(Answer(.rejected, rejection: rejection), isCharged: false)
  }

  private func refusal(_ response: HTTPResponse) -> Verdict {
    .declined(
      Verdict.Refusal(
        message: title(response),
        wait: RetryAfter.wait(in: response, now: now),
        mayRetry: response.header("x-should-retry") != "false",
        isTooMany: response.status == 429
      )
    )
  }

  // MARK: What stops an endpoint

  private func quota(_ response: HTTPResponse) -> EndpointStop {
    EndpointStop(
      .quota,
      "\(endpoint.name) has no quota left: \(shown(APIErrorBody(response.body).text))",
      hint: "add credit or raise the limit at the provider, then run again; what was answered is "
        + "kept"
    )
  }

  private func redirect(_ response: HTTPResponse) -> EndpointStop {
    let target = response.redirect.map { "'\(shown($0))'" } ?? "elsewhere"
    return EndpointStop(
      .redirect,
      "\(endpoint.name) redirects to \(target); redirects are not followed, since they would carry "
        + "the key and the prompts there",
      hint: "if that is the service you mean, write its address as base_url"
    )
  }

  private func stop(_ response: HTTPResponse) -> EndpointStop {
    let message = "\(endpoint.name) \(title(response))"
    switch response.status {
    case 401, 403:
      let source = endpoint.apiKey.map { "the API key in \($0.name)" } ?? "whether it wants api_key"
      return EndpointStop(.authentication, message, hint: "check \(source)")
    case 402: return EndpointStop(.quota, message, hint: "the provider wants to be paid first")
    case 404:
      return EndpointStop(
        .notFound,
        message,
        hint: "check the model's name, and that base_url ends as it should"
      )
    case 407:
      return EndpointStop(
        .refused,
        message,
        hint: "a proxy on the way wants a name and password: put them into the proxy's variable"
      )
    default: return EndpointStop(.refused, message)
    }
  }

  // MARK: Words

  /// `answered 429: Rate limit reached`.
  private func title(_ response: HTTPResponse) -> String {
    let text = shown(APIErrorBody(response.body).text)
    return "answered \(response.status)\(text.isEmpty ? "" : ": \(text)")"
  }

  /// The start of what came in place of an answer, kept for looking at: it may have been paid for.
  ///
  /// Bytes that are no UTF-8 are kept exactly, as `base64:…`.
  private func fragment(of response: HTTPResponse) -> String {
    Secret.redacted(response.body, secret, limit: 16_384)
  }

  /// Redacted before it is shortened: a key that is cut in two would not be found.
  private func shown(_ text: String) -> String {
    ForeignText.shown(secret?.redacted(text) ?? text)
  }
}
