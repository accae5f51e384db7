import CCurl

extension CurlTransfer {
  /// Points libcurl's callbacks at this object, which the loop keeps until the transfer is removed.
  func setCallbacks() throws(TransferFailure) {
    let pointer = Unmanaged.passUnretained(self).toOpaque()
    try attach(errorTextTo: CURLOPT_ERRORBUFFER)
    try check(shim_easy_set_pointer(handle, CURLOPT_WRITEDATA, pointer))
    try check(shim_easy_set_pointer(handle, CURLOPT_HEADERDATA, pointer))
    try check(shim_easy_set_stream_callback(handle, CURLOPT_WRITEFUNCTION, receiveBody))
    try check(shim_easy_set_stream_callback(handle, CURLOPT_HEADERFUNCTION, receiveHeader))
    if request.method == .post {
      try check(shim_easy_set_pointer(handle, CURLOPT_READDATA, pointer))
      try check(shim_easy_set_stream_callback(handle, CURLOPT_READFUNCTION, sendBody))
      try check(shim_easy_set_pointer(handle, CURLOPT_SEEKDATA, pointer))
      try check(shim_easy_set_seek_callback(handle, refuseToSeek))
    }
  }

  static func at(_ pointer: UnsafeMutableRawPointer) -> CurlTransfer {
    Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Takes one line of a header block; a status line starts the block anew (after `100 Continue`).
  func take(headerLine line: Substring) {
    if line.hasPrefix("HTTP/") {
      let words = line.split(separator: " ", maxSplits: 2)
      status = words.count > 1 ? Int(words[1]) ?? 0 : 0
      headers = []
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...]
      headers.append(HTTPHeader(String(line[..<colon]), Self.trimmed(value)))
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = text.drop(while: isSpace)
    let end = start.lastIndex { !isSpace($0) }
    return end.map { String(start[...$0]) } ?? ""
  }
}

private func sendBody(
  _ buffer: UnsafeMutablePointer<CChar>?,
  _ size: Int,
  _ count: Int,
  _ pointer: UnsafeMutableRawPointer?
) -> Int {
  guard let pointer else { return Int(CURL_READFUNC_ABORT) }
  let room = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
  return CurlTransfer.at(pointer).body.read(into: room) ?? Int(CURL_READFUNC_ABORT)
}

/// See `BodyReader`: one attempt is one sending.
private func refuseToSeek(
  _ pointer: UnsafeMutableRawPointer?,
  _ offset: curl_off_t,
  _ origin: Int32
) -> Int32 {
  CURL_SEEKFUNC_FAIL
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?,
  _ size: Int,
  _ count: Int,
  _ pointer: UnsafeMutableRawPointer?
) -> Int {
  guard let pointer else { return 0 }
  let transfer = CurlTransfer.at(pointer)
  let arrived = size * count
  guard transfer.received.count + arrived <= transfer.request.limits.responseBytes else {
    transfer.isTooLarge = true
    return 0
  }
  transfer.received.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: arrived))
  return arrived
}

private func receiveHeader(
  _ bytes: UnsafeMutablePointer<CChar>?,
  _ size: Int,
  _ count: Int,
  _ pointer: UnsafeMutableRawPointer?
) -> Int {
  guard let pointer else { return 0 }
  var line = UnsafeRawBufferPointer(start: bytes, count: size * count)[...]
  while let last = line.last, last == 0x0A || last == 0x0D { line.removeLast() }
  CurlTransfer.at(pointer).take(headerLine: String(decoding: line, as: UTF8.self)[...])
  return size * count
}
