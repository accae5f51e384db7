import ModelServer
import Primitives
import Testing

@Suite("Files")
struct FilesTests {
  @Test("a file is kept with its name, and comes back byte for byte")
  func upload() async throws {
    let test = try await TestService()
    let form = Form(fields: [("purpose", "fine-tune")], file: [0, 255, 13, 10], name: "ü.jsonl")
    let kept = try Answer(await test.service.answer(form.request))
    #expect(kept.status == 200)
    #expect(kept.json["object"] == "file")
    #expect(kept.json["bytes"] == 4)
    #expect(kept.json["filename"] == "ü.jsonl")
    #expect(kept.json["purpose"] == "fine-tune")
    #expect(kept.json["status"] == "processed")
    let id = try #require(kept.json["id"]?.string)
    #expect(try await test.get("/v1/files/\(id)").json == kept.json)
    let content = await test.service.answer(
      APIRequest(method: "GET", target: "/v1/files/\(id)/content")
    )
    #expect(content.body == [0, 255, 13, 10])
    #expect(content.contentType == "application/octet-stream")
  }

  @Test("files are listed newest first, in pages")
  func list() async throws {
    let test = try await TestService()
    var ids: [String] = []
    for index in 0..<5 { ids.append(try await test.upload("\(index)", name: "\(index)")) }

    func listed(_ query: String) async throws -> (ids: [String], more: Bool?) {
      let json = try await test.get("/v1/files?\(query)").json
      return ((json["data"]?.array ?? []).compactMap { $0["id"]?.string }, json["has_more"]?.bool)
    }
    #expect(try await listed("") == (ids.reversed(), false))
    #expect(try await listed("order=asc&limit=2") == (Array(ids[..<2]), true))
    #expect(try await listed("order=asc&limit=3&after=\(ids[1])") == (Array(ids[2...]), false))
    #expect(try await listed("purpose=fine-tune-results").ids.isEmpty)
    #expect(try await test.get("/v1/files?limit=0").param == "limit")
    #expect(try await test.get("/v1/files?after=file-0").param == "after")
    #expect(try await test.get("/v1/files?order=up").param == "order")
  }

  @Test("a deleted file is gone")
  func delete() async throws {
    let test = try await TestService()
    let id = try await test.upload("x")
    #expect(try await test.delete("/v1/files/\(id)").json["deleted"] == true)
    #expect(try await test.get("/v1/files/\(id)").status == 404)
    #expect(try await test.get("/v1/files/\(id)/content").status == 404)
    #expect(try await test.delete("/v1/files/\(id)").code == "not_found")
  }

  @Test(
    "a form without what is needed is refused by name",
    arguments: [
      ([], "purpose"), ([("purpose", "batch")], "purpose"),
      ([("purpose", "fine-tune"), ("expires_after", "1")], "expires_after"),
    ] as [([(String, String)], String)]
  )
  func badForms(fields: [(String, String)], param: String) async throws {
    let test = try await TestService()
    let form = Form(fields: fields.map { (name: $0.0, value: $0.1) }, file: [], name: "x")
    let answer = try Answer(await test.service.answer(form.request))
    #expect(answer.status == 400 && answer.param == param)
  }

  @Test("a form without a file, and a body that is no form")
  func noFile() async throws {
    let test = try await TestService()
    let text = "--b\r\nContent-Disposition: form-data; name=purpose\r\n\r\nfine-tune\r\n--b--"
    let request = APIRequest(
      method: "POST",
      target: "/v1/files",
      contentType: "multipart/form-data; boundary=b",
      body: Array(text.utf8)
    )
    #expect(try Answer(await test.service.answer(request)).param == "file")
    #expect(try await test.post("/v1/files").code == "invalid_form")
  }
}
