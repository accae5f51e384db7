import Foundation
import TestSupport
import Testing
import Transfer

/// Each in a process of its own: which certificates are trusted stands in the environment.
@Suite("Certificates")
struct CertificateTests {
  @Test("are taken from CURL_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR, in this order")
  func readsEnvironment() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let peer = try PeerProcess(.http1)
      let authority = try folder.write(TestCertificates.authority, to: "ca.pem")
      let other = try folder.write(TestCertificates.elsewhere, to: "other.pem")
      func isTrusted() async -> Bool {
        // A new client reads the environment anew.
        let outcome = await TransferClient().perform(.secure(peer.url, "answer"))
        if case .response(let response) = outcome { return response.status == 200 }
        return false
      }
      for name in ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"] { unsetenv(name) }
      #expect(await isTrusted() == false)
      setenv("SSL_CERT_FILE", authority, 1)
      #expect(await isTrusted())
      setenv("CURL_CA_BUNDLE", other, 1)
      #expect(await isTrusted() == false)
      setenv("CURL_CA_BUNDLE", authority, 1)
      setenv("SSL_CERT_FILE", other, 1)
      #expect(await isTrusted())
    }
  }

  @Test("that expired or are another host's are refused, again and again, and nothing is sent")
  func refusesWrongCertificates() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      try PeerProcess.trustTestAuthority(in: folder)
      for certificate in [TestCertificates.expired, TestCertificates.elsewhere] {
        let peer = try PeerProcess(.http1, certificate: certificate)
        let client = TransferClient()
        for _ in 0..<3 {
          let failure = try await client.perform(.secure(peer.url, "answer")).failed()
          #expect(failure.cause == .certificateRefused)
          #expect(failure.delivery == .notSent)
        }
        #expect(peer.charges.isEmpty)
      }
    }
  }

  @Test("a trusted file that cannot be read is named by its problem, not passed over")
  func refusesMissingFile() async throws {
    await #expect(processExitsWith: .success) {
      unsetenv("CURL_CA_BUNDLE")
      setenv("SSL_CERT_FILE", "/nowhere/ca.pem", 1)
      let peer = try PeerProcess(.http1)
      let failure = try await TransferClient().perform(.secure(peer.url, "answer")).failed()
      #expect(failure.cause == .certificateRefused)
      #expect(failure.delivery == .notSent)
      #expect(peer.charges.isEmpty)
    }
  }
}

extension HTTPRequest {
  static func secure(
    _ url: String,
    _ body: String,
    limits: TransferLimits = TransferLimits()
  ) -> HTTPRequest {
    HTTPRequest(.post, url, body: .bytes(Array(body.utf8)), limits: limits, proxy: .none)
  }
}
