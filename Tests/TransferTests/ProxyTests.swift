import Foundation
import TestSupport
import Testing
import Transfer

/// Each in a process of its own: proxies stand in the environment.
@Suite("Proxies")
struct ProxyTests {
  @Test("http_proxy takes the request with the user's credentials, no_proxy exempts a host")
  func forwards() async throws {
    await #expect(processExitsWith: .success) {
      let proxy = try ScriptedServer { _ in .answer(200, "{}") }
      setenv("http_proxy", "http://user:canary-5e@127.0.0.1:\(proxy.port)", 1)
      unsetenv("no_proxy")
      unsetenv("NO_PROXY")
      let body = HTTPBody.bytes([1])
      let client = TransferClient()
      let request = HTTPRequest(.post, "http://service.invalid/v1", body: body)
      #expect(try await client.perform(request).answered().status == 200)
      #expect(proxy.received.first?.target == "http://service.invalid/v1")
      let credentials = Data("user:canary-5e".utf8).base64EncodedString()
      #expect(proxy.received.first?.header("proxy-authorization") == "Basic \(credentials)")

      let server = try ScriptedServer { _ in .answer(200, "{}") }
      let direct = HTTPRequest(.post, server.url, body: body)
      setenv("no_proxy", "127.0.0.1", 1)
      _ = try await client.perform(direct).answered()
      #expect(proxy.received.count == 1)
      #expect(server.received.first?.target == "/")
      #expect(server.received.first?.header("proxy-authorization") == nil)
      unsetenv("no_proxy")
      _ = try await client.perform(HTTPRequest(.post, server.url, body: body, proxy: .none))
        .answered()
      #expect(proxy.received.count == 1)
    }
  }

  @Test("a refusing proxy means that nothing was sent, and its password is not shown")
  func keepsPassword() async throws {
    await #expect(processExitsWith: .success) {
      let proxy = try ScriptedServer { _ in
        .answer(407, "no", headers: ["Proxy-Authenticate": "Basic realm=\"x\""])
      }
      let closed = try Sockets.closedPort()
      let secret = "canary-5e"
      for address in [
        "http://user:\(secret)@127.0.0.1:\(proxy.port)",
        "http://user:\(secret)@127.0.0.1:\(closed)",
        "http://user:\(secret)@nowhere.invalid:3128", "http://user:\(secret)@[broken:1",
        "gopher://user:\(secret)@127.0.0.1:1", "socks5h://user:\(secret)@127.0.0.1:\(closed)",
      ] {
        setenv("https_proxy", address, 1)
        let request = HTTPRequest(.post, "https://service.invalid/v1", body: .bytes([1]))
        let failure = try await TransferClient().perform(request).failed()
        #expect(failure.delivery == .notSent, "\(failure)")
        #expect(!failure.message.contains(secret), "\(failure)")
      }
      #expect(proxy.received.map(\.method) == ["CONNECT"])
      #expect(proxy.received.first?.target == "service.invalid:443")
    }
  }

  @Test("over plain http a proxy's 407 is an answer of that status")
  func reports407() async throws {
    await #expect(processExitsWith: .success) {
      let proxy = try ScriptedServer { _ in .answer(407, "no") }
      setenv("http_proxy", "http://user:canary-5e@127.0.0.1:\(proxy.port)", 1)
      let request = HTTPRequest(.post, "http://service.invalid/v1", body: .bytes([1]))
      #expect(try await TransferClient().perform(request).answered().status == 407)
      #expect(proxy.received.count == 1)
    }
  }
}
