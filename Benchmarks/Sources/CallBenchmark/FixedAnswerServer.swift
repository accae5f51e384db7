import BenchmarkSupport
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An nginx of our own that returns one chat answer to every request, over connections kept open.
final class FixedAnswerServer {
  let baseURL: String
  private let process: BackgroundProcess

  /// Starts it in a folder; returns when it listens.
  init(nginx: String, in folder: String) throws {
    let port = try Self.freePort()
    baseURL = "http://127.0.0.1:\(port)/v1"
    let configuration = "\(folder)/nginx.conf"
    try Self.configuration(port: port, folder: folder)
      .write(toFile: configuration, atomically: false, encoding: .utf8)
    process = try BackgroundProcess([nginx, "-c", configuration, "-p", folder], in: folder)
    try Self.waitForListener(port)
  }

  /// The answer: about 400 bytes, as chat services write them.
  static let answer = """
    {"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"fixed-1",\
    "choices":[{"index":0,"message":{"role":"assistant","content":"Let us think step by step. \
    The farmer has 3 rows of 14 trees, so 42 trees. The answer is 42."},"logprobs":null,\
    "finish_reason":"stop"}],"usage":{"prompt_tokens":48,"completion_tokens":27,"total_tokens":75}}
    """

  private static func configuration(port: Int, folder: String) -> String {
    """
    worker_processes auto;
    daemon off;
    pid \(folder)/nginx.pid;
    error_log stderr error;
    events { worker_connections 1024; }
    http {
      access_log off;
      client_body_temp_path \(folder)/body;
      proxy_temp_path \(folder)/proxy;
      fastcgi_temp_path \(folder)/fastcgi;
      uwsgi_temp_path \(folder)/uwsgi;
      scgi_temp_path \(folder)/scgi;
      keepalive_requests 1000000000;
      keepalive_timeout 600s;
      server {
        listen 127.0.0.1:\(port);
        default_type application/json;
        location = /v1/chat/completions { return 200 '\(answer)'; }
      }
    }

    """
  }

  private static func freePort() throws -> Int {
    let descriptor = try openSocket()
    defer { close(descriptor) }
    return try withAddress(port: 0) { address, size in
      guard bind(descriptor, address, size) == 0 else {
        throw BenchmarkError("no port is free")
      }
      var length = size
      getsockname(descriptor, address, &length)
      return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        Int(UInt16(bigEndian: $0.pointee.sin_port))
      }
    }
  }

  private static func waitForListener(_ port: Int) throws {
    for _ in 0..<200 {
      let descriptor = try openSocket()
      defer { close(descriptor) }
      let code = withAddress(port: port) { connect(descriptor, $0, $1) }
      if code == 0 { return }
      usleep(20_000)
    }
    throw BenchmarkError("nginx did not start; what it said stands above")
  }

  private static func openSocket() throws -> Int32 {
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    let descriptor = socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { throw BenchmarkError("cannot make a socket") }
    return descriptor
  }

  /// Lends the address of a port of 127.0.0.1.
  private static func withAddress<Result>(
    port: Int,
    _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) throws -> Result
  ) rethrows -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, size) }
    }
  }
}
