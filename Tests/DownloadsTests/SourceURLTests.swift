import Downloads
import Testing

@Suite("Addresses of data")
struct SourceURLTests {
  @Test(
    "addresses that data is fetched from",
    arguments: [
      "https://example.org/a.jsonl", "http://127.0.0.1:8080/a?download=1", "HTTPS://Example.org",
      "https://[::1]:8443/x",
    ]
  )
  func good(url: String) { #expect(RemoteURL.problem(of: url) == nil) }

  @Test(
    "addresses that are refused",
    arguments: [
      ("ftp://example.org/a", "'ftp://example.org/a' is no address that data can be fetched from"),
      ("data/train.jsonl", "'data/train.jsonl' is no address that data can be fetched from"),
      (
        "https://example.org/a b",
        "'https://example.org/a b' has a blank, or a letter that no address can have"
      ),
      ("https://:8080/x", "'https://:8080/x' names no host"),
      ("https:///x", "'https:///x' names no host"),
      ("https://example.org/x#part", "'https://example.org/x#part' has a part behind '#'"),
    ]
  )
  func bad(url: String, message: String) { #expect(RemoteURL.problem(of: url)?.message == message) }

  @Test("a password never stands in the message that refuses it")
  func password() throws {
    let problem = try #require(RemoteURL.problem(of: "https://me:hunter2@example.org/x"))
    #expect(problem.message == "the address 'https://…@example.org' holds a name or password")
    #expect(!problem.description.contains("hunter2"))
  }

  @Test("endings of what must be unpacked first")
  func packed() {
    #expect(RemoteURL.packedEnding(of: "https://example.org/a.JSON.GZ?x=1") == ".gz")
    #expect(RemoteURL.packedEnding(of: "https://example.org/gz.jsonl") == nil)
  }
}
