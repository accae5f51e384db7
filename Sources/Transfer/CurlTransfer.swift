import CCurl

/// One transfer in flight and what it has received (`CURL`, an easy handle).
///
/// Made, used and freed on the loop's thread alone.
final class CurlTransfer {
  let id: UInt64
  let handle: UnsafeMutableRawPointer
  let request: HTTPRequest
  let body: BodyReader

  var status = 0
  var headers: [HTTPHeader] = []
  var received: [UInt8] = []
  /// Whether the answer passed the limit and the transfer was ended for it.
  var isTooLarge = false
  /// `curl_slist` of the request's headers; libcurl reads it until the end.
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>

  init(id: UInt64, _ request: HTTPRequest) {
    CurlLibrary.start()
    guard let handle = curl_easy_init() else { fatalError("BUG: curl_easy_init found no memory") }
    self.id = id
    self.handle = handle
    self.request = request
    body = BodyReader(request.body)
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  /// Sets every option; a failure says why the request cannot be sent at all.
  func prepare() throws(TransferFailure) {
    if let problem = body.problem {
      throw TransferFailure(.notSent, .invalidRequest, message: problem)
    }
    try setAddress()
    try setBody()
    try setHeaders()
    try setLimits()
    try setCallbacks()
  }

  func attach(errorTextTo option: CURLoption) throws(TransferFailure) {
    try check(shim_easy_set_pointer(handle, option, errorText))
  }

  func append(headerLine line: String) {
    guard let list = curl_slist_append(headerList, line) else {
      fatalError("BUG: curl_slist_append found no memory")
    }
    headerList = list
  }

  func attachHeaderList() throws(TransferFailure) {
    try check(shim_easy_set_list(handle, CURLOPT_HTTPHEADER, headerList))
  }

  /// What libcurl wrote about the failure, else its text for the code.
  func reason(_ code: CURLcode) -> String {
    let text = String(cString: errorText)
    return text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
  }

  func check(_ code: CURLcode) throws(TransferFailure) {
    guard code != CURLE_OK else { return }
    throw TransferFailure(
      .notSent,
      .invalidRequest,
      message: "the request cannot be sent: \(String(cString: curl_easy_strerror(code)))"
    )
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
