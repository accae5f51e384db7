import Diagnostics
import Foundation
import ModelService
import Primitives
package import Transfer

/// Where events or figures of runs are sent, and with which key.
package struct ExportAddress: Sendable {
  /// What a service wants to know of the sender.
  package enum Credential: Sendable {
    case none
    case bearer(String)
    case basic(user: String, password: String)

    fileprivate var header: String? {
      switch self {
      case .none: nil
      case .bearer(let token): "Bearer \(token)"
      case .basic(let user, let password):
        "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
      }
    }

    fileprivate var secret: Secret? {
      switch self {
      case .none: nil
      case .bearer(let token): Secret(token)
      case .basic(_, let password): Secret(password)
      }
    }
  }

  /// Without a slash at the end.
  package let url: String
  private let isLocal: Bool
  private let authorization: String?
  private let secret: Secret?

  /// Reads an address such as `https://example.net/api`.
  ///
  /// - Throws: `ExportError` for one that is no such URL, holds a user name, a password or a query, or
  ///   would carry the key over a network in the clear.
  package init(_ text: String, credential: Credential) throws(ExportError) {
    let address: ServiceAddress
    do {
      address = try ServiceAddress(baseURL: text)
    } catch {
      throw ExportError(
        error.message.replacing("base URL", with: "address"),
        hint: "write it like 'https://example.net'; keys come from the environment"
      )
    }
    authorization = credential.header
    guard authorization == nil || address.isLocal || address.baseURL.hasPrefix("https://") else {
      throw ExportError(
        "a key would go to '\(address.baseURL)' in the clear",
        hint: "use https, or unset the variable that holds the key"
      )
    }
    url = address.baseURL
    isLocal = address.isLocal
    secret = credential.secret
  }

  /// Whether nothing stands behind the host.
  package var hasPath: Bool {
    url.split(separator: "/", omittingEmptySubsequences: true).count > 2
  }

  /// A request to a path below the address; redirects are never followed, so the key goes nowhere else.
  package func request(
    _ method: HTTPRequest.Method,
    _ path: String = "",
    contentType: String = "application/json",
    body: HTTPBody = .empty,
    limits: TransferLimits
  ) -> HTTPRequest {
    var headers: [HTTPHeader] = []
    if method == .post || method == .put { headers.append(HTTPHeader("Content-Type", contentType)) }
    if let authorization { headers.append(HTTPHeader("Authorization", authorization)) }
    return HTTPRequest(
      method,
      url + path,
      headers: headers,
      body: body,
      limits: limits,
      // A proxy of the network has no business with what stays on this machine.
      proxy: isLocal ? .none : .environment
    )
  }

  /// Text of the service for a message: one line, short, without the key.
  package func shown(_ text: String) -> String {
    let clean = secret?.redacted(text) ?? text
    let line = clean.unicodeScalars.prefix(600).map { scalar -> String in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .privateUse,
        .unassigned:
        " "
      default: String(scalar)
      }
    }
    return String(line.joined().split(separator: " ").joined(separator: " ").prefix(300))
  }
}
