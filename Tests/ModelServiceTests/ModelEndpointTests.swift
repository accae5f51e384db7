import Diagnostics
import ModelService
import Primitives
import TestSupport
import Testing

@Suite("Where a model is")
struct ModelEndpointTests {
  @Test(
    "addresses are normalized",
    arguments: [
      ("https://Example.NET/v1", "https://example.net/v1", false),
      ("HTTPS://example.net:443/v1/", "https://example.net/v1", false),
      ("http://example.net:80", "http://example.net", false),
      ("http://127.0.0.1:8000/v1//", "http://127.0.0.1:8000/v1", true),
      ("http://127.255.0.3/", "http://127.255.0.3", true),
      ("http://localhost:1/A/b", "http://localhost:1/A/b", true),
      ("http://[::1]:8000/v1", "http://[::1]:8000/v1", true),
      ("http://127.0.0.1.example.net/v1", "http://127.0.0.1.example.net/v1", false),
      ("http://localhost.evil/v1", "http://localhost.evil/v1", false),
    ]
  )
  func normalizes(text: String, baseURL: String, isLocal: Bool) throws {
    let address = try ServiceAddress(baseURL: text)
    #expect(address.baseURL == baseURL)
    #expect(address.isLocal == isLocal)
  }

  @Test(
    "addresses that are none are refused",
    arguments: [
      ("example.net/v1", "base URL 'example.net/v1' has no scheme"),
      ("ftp://example.net", "base URL has the scheme 'ftp'; expected http or https"),
      ("file:///etc/passwd", "base URL has the scheme 'file'; expected http or https"),
      ("https://", "a base URL has no host"),
      ("https://:80/", "a base URL has no host"),
      ("https://a:b/", "base URL with host 'a' has a port that is no port"),
      ("https://a:70000/", "base URL with host 'a' has a port that is no port"),
      ("https://a b/", "a base URL holds a space or a character outside ASCII"),
      ("https://a/?key=1", "base URL 'https://a…' has a query or a fragment"),
      ("https://me:canary-pass@a/v1", "a base URL holds a user name or password"),
    ]
  )
  func refuses(text: String, message: String) {
    let problem = #expect(throws: Problem.self) { try ServiceAddress(baseURL: text) }
    #expect(problem?.message == message)
    #expect(problem?.hint?.contains("canary-pass") == false)
  }

  @Test("a key goes over plain http to this machine only")
  func refusesPlainHTTPWithKey() throws {
    func endpoint(_ url: String, _ key: APIKeySource?) throws -> ModelEndpoint {
      let address = try ServiceAddress(baseURL: url)
      return try ModelEndpoint(
        address: address,
        model: "m",
        identity: .endpoint(address, model: "m", revision: nil),
        apiKey: key
      )
    }
    let key = APIKeySource.environment("KEY")
    let problem = #expect(throws: Problem.self) { try endpoint("http://example.net/v1", key) }
    #expect(
      problem?.message
        == "'http://example.net/v1' would get the API key over plain http, readable on the way"
    )
    #expect(throws: Never.self) { try endpoint("http://example.net/v1", nil) }
    #expect(throws: Never.self) { try endpoint("https://example.net/v1", key) }
    #expect(throws: Never.self) { try endpoint("http://127.0.0.1:9/v1", key) }
  }

  @Test("identities name what a model is, never how it is reached")
  func identities() throws {
    let address = try ServiceAddress(baseURL: "https://example.net/v1/")
    let socket = ServiceAddress(unixSocket: "/run/a/s")
    let digest = Digest(of: "weights")
    #expect(
      ModelIdentity.endpoint(address, model: "m", revision: "r").text
        == #"{"endpoint":"https://example.net/v1","model":"m","revision":"r"}"#
    )
    #expect(
      ModelIdentity.named("llama", revision: nil).text == #"{"identity":"llama"}"#
    )
    #expect(
      ModelIdentity.checkpoint(digest, runtime: "3").text
        == #"{"checkpoint":"\#(digest.hex)","runtime":"3"}"#
    )
    #expect(ModelIdentity.tuned(digest).text == #"{"tuned":"\#(digest.hex)"}"#)
    #expect(socket.isLocal)
    #expect(socket.baseURL == "http://localhost/v1")
  }

  @Test("a secret prints as nothing, and is found in every form that a server may echo")
  func secretsAreRedacted() throws {
    let secret = Secret("sk-abc/def+ghi=42")
    #expect("\(secret)" == "(secret)")
    #expect(String(reflecting: secret) == "(secret)")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains("abc"))

    let echoes = [
      "key sk-abc/def+ghi=42!", #"{"k":"sk-abc\/def+ghi=42"}"#, "k=sk-abc%2Fdef%2Bghi%3D42&x",
      "a c2stYWJjL2RlZitnaGk9NDI= b",
    ]
    for echo in echoes {
      let clean = secret.redacted(echo)
      #expect(clean.contains("(secret)"), "\(echo)")
      #expect(!clean.contains("def"), "\(echo)")
    }
    #expect(Secret("none").redacted("there is none") == "there is none")
  }
}
