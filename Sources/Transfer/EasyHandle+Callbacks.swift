import CCurl

extension EasyHandle {
  /// Sets the callbacks, which find their transfer by the pointer that `direct` sets.
  func setCallbacks() throws(TransferFailure) {
    try check(shim_easy_set_stream_callback(raw, CURLOPT_WRITEFUNCTION, receiveBody))
    try check(shim_easy_set_stream_callback(raw, CURLOPT_HEADERFUNCTION, receiveHeader))
    try check(shim_easy_set_stream_callback(raw, CURLOPT_READFUNCTION, sendBody))
    try check(shim_easy_set_seek_callback(raw, refuseToSeek))
    try check(shim_easy_set_prereq_callback(raw, refuseToRepeat))
  }

  /// Points the callbacks at a transfer, which the loop keeps until libcurl is done with it.
  func direct(to transfer: CurlTransfer) throws(TransferFailure) {
    let pointer = Unmanaged.passUnretained(transfer).toOpaque()
    for option in [
      CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_PREREQDATA,
    ] {
      try check(shim_easy_set_pointer(raw, option, pointer))
    }
  }
}

extension CurlTransfer {
  fileprivate static func at(_ pointer: UnsafeMutableRawPointer) -> CurlTransfer {
    Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
  }
}

/// Called when a connection is there, just before the request is sent on it.
///
/// libcurl repeats a request by itself when a reused connection dies early, POST included, and the
/// server may have charged for the first sending (P2). One attempt is one sending: the second one is
/// refused, and the failure is seen.
private func refuseToRepeat(
  _ pointer: UnsafeMutableRawPointer?,
  _ remoteAddress: UnsafeMutablePointer<CChar>?,
  _ localAddress: UnsafeMutablePointer<CChar>?,
  _ remotePort: Int32,
  _ localPort: Int32
) -> Int32 {
  guard let pointer else { return CURL_PREREQFUNC_ABORT }
  let transfer = CurlTransfer.at(pointer)
  transfer.sendings += 1
  return transfer.sendings == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
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

/// The same refusal for a body that comes by the read callback: it cannot be rewound.
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
  let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return CurlTransfer.at(pointer).take(body: piece) ? piece.count : 0
}

private func receiveHeader(
  _ bytes: UnsafeMutablePointer<CChar>?,
  _ size: Int,
  _ count: Int,
  _ pointer: UnsafeMutableRawPointer?
) -> Int {
  guard let pointer else { return 0 }
  let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return CurlTransfer.at(pointer).take(headerLine: line) ? line.count : 0
}
