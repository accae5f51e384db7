import Foundation
import TestSupport

/// `Tests/TransferPeers/peer.py`: a service that charges durably and then does what a request says.
final class PeerProcess {
  let port: Int
  private let folder: TemporaryFolder
  private let process = Process()
  private let input = Pipe()

  enum Kind: String {
    case http1, http2
  }

  /// Starts it with a certificate of `TestCertificates`.
  init(_ kind: Kind, certificate: String = TestCertificates.good) throws {
    folder = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let arguments = [
      "python3", "\(ProjectFolder.path)/Tests/TransferPeers/peer.py", kind.rawValue,
      "\(folder.path)/charges",
      try folder.write(certificate, to: "certificate.pem"),
      try folder.write(TestCertificates.key, to: "key.pem"),
    ]
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = input
    try process.run()
    let line = output.fileHandleForReading.availableData
    guard let port = Int(String(decoding: line, as: UTF8.self).filter(\.isNumber)) else {
      throw NoPort(output: String(decoding: line, as: UTF8.self))
    }
    self.port = port
  }

  struct NoPort: Error {
    let output: String
  }

  deinit {
    input.fileHandleForWriting.closeFile()
    process.waitUntilExit()
  }

  var url: String { "https://127.0.0.1:\(port)/" }

  /// Lets this process trust the test authority and nobody else: for exit tests alone, since the
  /// environment is everybody's.
  static func trustTestAuthority(in folder: TemporaryFolder) throws {
    for name in ["CURL_CA_BUNDLE", "SSL_CERT_DIR"] { unsetenv(name) }
    setenv("SSL_CERT_FILE", try folder.write(TestCertificates.authority, to: "ca.pem"), 1)
  }

  /// The body of every request that was charged, in order.
  var charges: [String] {
    let text = (try? folder.read("charges")) ?? ""
    return text.split(separator: "\n").map(String.init)
  }
}
