import CCurl

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One of libcurl's easy handles (`CURL`), used for one transfer after the other.
///
/// Making one for each request, with its buffers and some thirty options, costs more than sending
/// the request does. What is set here stays; whatever a request can choose is set or cleared for each
/// one (`EasyHandle+Options.swift`). Used on the loop's thread alone.
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  let headerList = HeaderList()
  private let errorText: UnsafeMutablePointer<CChar>

  init() {
    CurlLibrary.start()
    guard let raw = curl_easy_init() else { fatalError("BUG: curl_easy_init found no memory") }
    self.raw = raw
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(raw)
    errorText.deallocate()
  }

  /// Sets what is the same for every request.
  func prepare() throws(TransferFailure) {
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    // A redirect could carry key and prompt to another server: it is reported, never followed.
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_NOSIGNAL, 1)
    try check(shim_easy_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText))
    try setCertificates()
    try setCallbacks()
  }

  /// Trusts what the environment names, as the curl program does; the library alone does not look.
  private func setCertificates() throws(TransferFailure) {
    if let file = Self.environment("CURL_CA_BUNDLE") ?? Self.environment("SSL_CERT_FILE") {
      try set(CURLOPT_CAINFO, file)
    }
    if let folder = Self.environment("SSL_CERT_DIR") { try set(CURLOPT_CAPATH, folder) }
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// What libcurl wrote about the failure, else its text for the code.
  func reason(_ code: CURLcode) -> String {
    let text = String(cString: errorText)
    // It may repeat the address of a proxy, with the password that stands there.
    let isFit = !text.isEmpty && !text.utf8.contains(UInt8(ascii: "@"))
    return isFit ? text : String(cString: curl_easy_strerror(code))
  }

  /// Forgets what was written about an earlier transfer.
  func clearReason() { errorText.pointee = 0 }
}

extension EasyHandle {
  func set(_ option: CURLoption, _ value: Int) throws(TransferFailure) {
    try check(shim_easy_set_long(raw, option, value))
  }

  /// Sets a text; nil brings back libcurl's own choice.
  func set(_ option: CURLoption, _ value: String?) throws(TransferFailure) {
    try check(shim_easy_set_string(raw, option, value))
  }

  func check(_ code: CURLcode) throws(TransferFailure) {
    guard code != CURLE_OK else { return }
    throw TransferFailure(
      .notSent,
      .invalidRequest,
      message: "the request cannot be sent: \(String(cString: curl_easy_strerror(code)))"
    )
  }

  /// Where the answer redirects to, made absolute.
  var redirect: String? {
    var text: UnsafePointer<CChar>?
    let code = shim_easy_get_string(raw, CURLINFO_REDIRECT_URL, &text)
    guard code == CURLE_OK, let text else { return nil }
    return String(cString: text)
  }
}

/// The process-wide part of libcurl, started once.
enum CurlLibrary {
  private static let started: Void = {
    let code = curl_global_init(Int(CURL_GLOBAL_ALL))
    precondition(code == CURLE_OK, "BUG: curl_global_init failed with \(code.rawValue)")
  }()

  static func start() { _ = started }
}
