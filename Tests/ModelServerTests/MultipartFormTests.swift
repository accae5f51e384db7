import ModelServer
import Primitives
import Testing

@Suite("Multipart forms")
struct MultipartFormTests {
  private func parse(_ text: String, _ type: String = "multipart/form-data; boundary=b") throws
    -> MultipartForm
  {
    try MultipartForm(Array(text.utf8), contentType: type)
  }

  @Test("reads fields and files with their names")
  func parts() throws {
    let form = Form(fields: [("purpose", "fine-tune")], file: [0, 13, 10, 255], name: "a b.jsonl")
    let read = try MultipartForm(form.body, contentType: form.contentType)
    #expect(read.parts.map(\.name) == ["purpose", "file"])
    #expect(read["purpose"]?.content == Array("fine-tune".utf8))
    #expect(read["purpose"]?.filename == nil)
    #expect(read["file"]?.content == [0, 13, 10, 255])
    #expect(read["file"]?.filename == "a b.jsonl")
    #expect(read["missing"] == nil)
  }

  @Test("content may hold line ends, boundaries of others and what looks like the own one")
  func content() throws {
    let content = "\r\n--c\r\n--\r\n-b\r\r\n\r\n--"
    let form = try parse(
      "--b\r\ncontent-disposition:form-data;name=f\r\n\r\n\(content)\r\n--b--"
    )
    #expect(form["f"]?.content == Array(content.utf8))
  }

  @Test("empty content, with and without a line end of its own, and no part at all")
  func empty() throws {
    let head = "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n"
    #expect(try parse("\(head)\r\n\r\n--b--\r\n")["f"]?.content == [])
    #expect(try parse("\(head)\r\n--b--\r\n")["f"]?.content == [])
    #expect(try parse("--b--\r\n").parts.isEmpty)
  }

  @Test("text before the first and behind the last boundary is left out")
  func preamble() throws {
    let form = try parse(
      "hello\r\n--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--b--\r\nbye\r\n--b"
    )
    #expect(form.parts.count == 1)
    #expect(form["f"]?.content == Array("x".utf8))
  }

  @Test(
    "names may be quoted, escaped and in any place",
    arguments: [
      (#"form-data; name="f"; filename="a;b.txt""#, "a;b.txt"),
      (#"form-data; filename="say \"hi\\\".txt"; name=f"#, #"say "hi\".txt"#),
      (#"FORM-DATA; NAME=f; FileName=plain.txt"#, "plain.txt"),
      (#"form-data; name="f"; filename="é😀.txt""#, "é😀.txt"),
    ]
  )
  func dispositions(disposition: String, filename: String) throws {
    let form = try parse("--b\r\nContent-Disposition: \(disposition)\r\n\r\nx\r\n--b--\r\n")
    #expect(form["f"]?.filename == filename)
  }

  @Test(
    "the boundary may be quoted",
    arguments: [
      "multipart/form-data; boundary=\"b\"", "Multipart/Form-Data;charset=utf-8;boundary=b",
      "multipart/form-data ; boundary = b",
    ]
  )
  func boundaries(type: String) throws {
    #expect(try parse("--b--", type).parts.isEmpty)
  }

  @Test(
    "what is cut short or malformed is refused",
    arguments: [
      ("", "no boundary is in it"),
      ("--c--", "no boundary is in it"),
      ("--b", "a boundary does not end its line"),
      ("--bx\r\n", "a boundary does not end its line"),
      ("--b\n\n", "a boundary does not end its line"),
      ("--b\r\nContent-Disposition: form-data; name=f", "a header is cut short"),
      ("--b\r\nContent-Disposition: form-data; name=f\r\n", "a header is cut short"),
      ("--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx", "part 'f' is cut short"),
      ("--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx--b--", "part 'f' is cut short"),
      ("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", "a part has no name"),
      (
        "--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n--b",
        "a boundary does not end its line"
      ),
    ]
  )
  func refusals(text: String, message: String) {
    let error = #expect(throws: APIError.self) { _ = try parse(text) }
    #expect(error?.message == "the form cannot be read: \(message)")
    #expect(error?.status == 400)
  }

  @Test(
    "another content type is refused",
    arguments: [
      "", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
      "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
    ]
  )
  func contentTypes(type: String) {
    #expect(throws: APIError.self) { _ = try parse("--b--", type) }
  }

  @Test("any bytes give a form or an error, never a trap", arguments: 0..<8)
  func fuzz(seed: Int) {
    var generator = SeededGenerator(seed: Int64(seed), label: "multipart-fuzz")
    let valid = Form(fields: [("purpose", "x")], file: Array("y\r\n".utf8), name: "z").body
    for _ in 0..<1_000 {
      var bytes = valid
      for _ in 0...generator.below(3) where !bytes.isEmpty {
        let index = generator.below(bytes.count)
        switch generator.below(3) {
        case 0: bytes[index] = UInt8(generator.below(256))
        case 1: bytes.removeSubrange(index..<min(index + generator.below(20), bytes.count))
        default: bytes.insert(contentsOf: "\r\n--\(Form.boundary)".utf8, at: index)
        }
      }
      do {
        let form = try MultipartForm(
          bytes,
          contentType: "multipart/form-data; boundary=\(Form.boundary)"
        )
        #expect(form.parts.allSatisfy { $0.content.count <= bytes.count })
      } catch {
        #expect(error.status == 400)
      }
    }
  }
}
