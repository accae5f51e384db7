import Diagnostics
import Foundation
import ModelService
import Primitives
import Store
import TestSupport
import Testing
import Transfer

@Suite("Keys stay secret")
struct SecretTests {
  static let canary = "sk-canary/9f+e1c77"

  @Test("no fault brings the key into an error, an answer or the store")
  func keyIsNowhere() async throws {
    // The server echoes the key in every way it can.
    let fixture = try await Fixture { request in
      let authorization = request.header("authorization") ?? ""
      let echo = Chat.error("you sent \(authorization)")
      switch request.number % 6 {
      case 1: return .answer(422, echo)
      case 2: return .answer(500, echo)
      case 3: return .answer(502, "<p>\(authorization)</p>", type: "text/html")
      case 4: return .cutAnswer(#"{"echo":"\#(authorization)"#, missing: 9)
      case 5: return [.reset]
      default: return .answer(401, echo)
      }
    }
    let keyFile = try fixture.folder.write("\(Self.canary)\n", to: "key")
    let endpoint = try fixture.endpoint(apiKey: .file(keyFile))
    var seen = ""
    for number in 0..<6 {
      let service = fixture.service(
        CallPolicy(attempts: 1, inDoubt: number % 2 == 0 ? .ask : .once)
      )
      do {
        let result = try await service.answer(.asking("row \(number)"), from: endpoint)
        seen += result.answer.json.canonicalText
      } catch {
        seen += "\(error) \(String(reflecting: error))\n"
      }
    }
    #expect(fixture.server.received.count >= 6)
    #expect(
      fixture.server.received.allSatisfy {
        $0.header("authorization") == "Bearer \(Self.canary)"
      }
    )
    #expect(seen.contains("(secret)"))
    await fixture.store.close()
    for text in [seen, try fixture.storedText()] {
      #expect(!text.contains(Self.canary))
      #expect(!text.contains("sk-canary"))
    }
  }

  /// Every way in which an echo may be written.
  static let echoes: [@Sendable (String) -> String] = [
    { $0 }, { $0.replacingOccurrences(of: "/", with: "\\/") },
    { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" },
    { ($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "").lowercased() },
    { Data($0.utf8).base64EncodedString() },
    { Data("me:\($0)".utf8).base64EncodedString() },
    { Data("user:\($0)!".utf8).base64EncodedString().replacingOccurrences(of: "/", with: "_") },
    { $0.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined() },
  ]

  @Test(
    "an answer, a rejection and a broken answer that echo the key are kept without it",
    arguments: echoes.indices
  )
  func echoesAreRedacted(form: Int) async throws {
    let fixture = try await Fixture { request in
      let key = request.header("authorization")?.dropFirst("Bearer ".count) ?? ""
      let echo = Self.echoes[form](String(key))
      let body = Chat.body("MARK", message: JSONObject([("thought", "MARK")]), model: "m-MARK")
        .replacingOccurrences(of: "MARK", with: echo)
      return switch request.number {
      case 1: .answer(200, body)
      case 2: .answer(422, #"{"error":{"message":"\#(echo)","MARK":["\#(echo)"]}}"#)
      case 3: .answer(502, "<p>\(echo)</p>")
      case 4: .cutAnswer(body, missing: 7)
      default: .answer(301, "", headers: ["Location": "https://me:\(Self.canary)@h/?k=\(key)"])
      }
    }
    let keyFile = try fixture.folder.write(Self.canary, to: "key")
    let endpoint = try fixture.endpoint(apiKey: .file(keyFile))
    let service = fixture.service(CallPolicy(inDoubt: .ask))
    var seen = ""
    for number in 1...5 {
      do {
        seen += try await service.answer(.asking("\(number)"), from: endpoint).answer.json
          .compactText
      } catch {
        seen += "\(error)\n"
      }
    }
    #expect(fixture.server.received.count == 5)
    #expect(seen.contains("(secret)"))
    await fixture.store.close()
    let stored = try fixture.storedText()
    for form in Self.echoes.indices where form != 5 && form != 6 {
      let echo = Self.echoes[form](Self.canary)
      #expect(!seen.contains(echo))
      #expect(!stored.contains(echo))
    }
    // What stays of an encoded one is less than a group of three bytes at each end.
    let core = Data(Self.canary.utf8.dropFirst(3).dropLast(3)).base64EncodedString()
    #expect(!stored.contains(core.prefix(8)))
  }

  @Test("a key that a message would cut in two is redacted whole")
  func keyIsNotCut() async throws {
    let fixture = try await Fixture { request in
      let padding = Int(Chat.prompt(request)) ?? 0
      return .answer(422, Chat.error(String(repeating: "x", count: padding) + Self.canary))
    }
    let keyFile = try fixture.folder.write(Self.canary, to: "key")
    let endpoint = try fixture.endpoint(apiKey: .file(keyFile))
    let service = fixture.service()
    for padding in 370..<420 {
      let result = try await service.answer(.asking("\(padding)"), from: endpoint)
      #expect(result.answer.rejection?.contains("sk") == false, "\(padding)")
    }
  }

  @Test("the key is in no call key")
  func keyIsInNoCallKey() async throws {
    let fixture = try await Fixture(Chat.echo)
    let one = try fixture.folder.write("first-key-1234", to: "one")
    let other = try fixture.folder.write("other-key-5678", to: "other")
    let service = fixture.service()
    let first = try await service.answer(
      .asking("Hi"),
      from: try fixture.endpoint(apiKey: .file(one))
    )
    let second = try await service.answer(
      .asking("Hi"),
      from: try fixture.endpoint(apiKey: .file(other))
    )
    #expect(first.key == second.key)
    #expect(second.origin == .reused)
  }

  @Test("keys come from a variable, a file or a command, and only when they are needed")
  func readsKeys() async throws {
    let fixture = try await Fixture(Chat.echo)
    // One that is there: setting one would race with other tests that read theirs.
    let (variable, value) = try #require(
      ProcessInfo.processInfo.environment.first { _, value in
        !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
      }
    )
    let file = try fixture.folder.write("  from-the-file \nsecond line\n", to: "key")
    let log = "\(fixture.folder.path)/log"
    let sources: [(APIKeySource, String)] = [
      (.environment(variable), value),
      (.file(file), "from-the-file"),
      (.command(["sh", "-c", "echo ran >> '\(log)'; echo from-the-command"]), "from-the-command"),
    ]
    let service = fixture.service()
    for (number, (source, key)) in sources.enumerated() {
      let endpoint = try fixture.endpoint(model: "m\(number)", apiKey: source)
      _ = try await service.answer(.asking("a"), from: endpoint)
      _ = try await service.answer(.asking("b"), from: endpoint)
      let headers = fixture.server.received.suffix(2).map { $0.header("authorization") }
      #expect(headers == ["Bearer \(key)", "Bearer \(key)"])
    }
    #expect(try fixture.folder.read("log") == "ran\n")
  }

  @Test("a key that cannot be had is an error before anything is sent or claimed")
  func reportsMissingKeys() async throws {
    let fixture = try await Fixture(Chat.echo)
    let empty = try fixture.folder.write("\n", to: "empty")
    let binary = try fixture.folder.write("sk\u{7}bell", to: "binary")
    let sources: [(APIKeySource, String)] = [
      (
        .environment("DISTILL_NO_SUCH_KEY"),
        "environment variable 'DISTILL_NO_SUCH_KEY' is not set, so there is no API key"
      ),
      (.file("/nowhere/key"), "cannot read the API key in file '/nowhere/key'"),
      (.file(empty), "file '\(empty)' holds no API key"),
      (
        .file(binary),
        "the API key in file '\(binary)' holds a space or a character outside ASCII"
      ),
      (.command(["false"]), "the API key's command 'false' ended with 1"),
    ]
    let service = fixture.service()
    for (source, message) in sources {
      let endpoint = try fixture.endpoint(apiKey: source)
      let problem = await #expect(throws: Problem.self) {
        try await service.answer(.asking("Hi"), from: endpoint)
      }
      #expect(problem?.message == message)
    }
    #expect(fixture.server.received.isEmpty)
    #expect(try await service.inDoubt().isEmpty)
  }
}
