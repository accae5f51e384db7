import ModelServer
import Testing

@Suite("Routes")
struct RouteTests {
  @Test(
    "every address of the API is found",
    arguments: [
      ("/v1/chat/completions", Route.chat),
      ("/v1/models", .models),
      ("/v1/models/tiny-student", .model("tiny-student")),
      ("/v1/models/sha256%3Aab", .model("sha256:ab")),
      ("/v1/models/a%2Fb", .model("a/b")),
      ("/v1/files", .files),
      ("/v1/files/", .files),
      ("/v1/files/file-1", .file("file-1")),
      ("/v1/files/file-1/content", .fileContent("file-1")),
      ("/v1/fine_tuning/jobs?limit=2", .jobs),
      ("/v1/fine_tuning/jobs/j", .job("j")),
      ("/v1/fine_tuning/jobs/j/events?after=x", .jobEvents("j")),
      ("/v1/fine_tuning/jobs/j/checkpoints", .jobCheckpoints("j")),
      ("/v1/fine_tuning/jobs/j/cancel", .jobCancel("j")),
    ]
  )
  func known(target: String, route: Route) {
    #expect(Route(APIRequest(method: "GET", target: target).segments) == route)
  }

  @Test(
    "anything else is not",
    arguments: [
      "", "/", "/v1", "/v2/models", "/models", "/v1/chat", "/v1/completions",
      "/v1/chat/completions/x", "/v1/models/a/b", "/v1/files/f/contents", "/v1/files/f/content/x",
      "/v1/fine_tuning", "/v1/fine_tuning/jobs/j/pause", "/v1/fine_tuning/jobs/j/events/e",
    ]
  )
  func unknown(target: String) {
    #expect(Route(APIRequest(method: "GET", target: target).segments) == nil)
  }

  @Test("an unknown address and a wrong method say what is offered")
  func answers() async throws {
    let test = try await TestService()
    let unknown = try await test.post("/v1/embeddings")
    #expect(unknown.status == 404 && unknown.code == "unknown_url")

    let request = APIRequest(method: "PUT", target: "/v1/files/f")
    let wrong = await test.service.answer(request)
    #expect(wrong.status == 405)
    #expect(wrong.allow == "GET, DELETE")
    #expect(try Answer(wrong).message == "'/v1/files/f' does not take PUT; expected GET or DELETE")
  }
}

@Suite("Requests")
struct APIRequestTests {
  @Test("queries are read as forms write them")
  func query() {
    let request = APIRequest(
      method: "GET",
      target: "/v1/x?metadata%5Bnode%20key%5D=a+b%2Bc&limit=1&limit=2&flag&="
    )
    #expect(request.path == "/v1/x")
    #expect(request.query("metadata[node key]") == "a b+c")
    #expect(request.query("limit") == "2")
    #expect(request.query("flag") == "")
    #expect(request.query("missing") == nil)
  }

  @Test("a broken percent escape is taken as it is")
  func brokenEscape() {
    #expect(APIRequest(method: "GET", target: "/v1/models/%ZZ").segments.last == "%ZZ")
  }
}
