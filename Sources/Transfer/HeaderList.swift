import CCurl

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The header lines of a request as libcurl wants them (`curl_slist`), kept for the next request.
///
/// From one call to the next only the idempotency key differs: lines that stay are not made again.
final class HeaderList {
  private var headers: [HTTPHeader] = []
  /// One for each header, and before them one that every request has.
  private var nodes: [UnsafeMutablePointer<curl_slist>] = []

  init() {
    // Left alone libcurl asks to continue, and waits a second for servers that ignore it.
    append("Expect:")
  }

  deinit { removeNodes(from: 0) }

  /// Makes the list hold these headers; libcurl may read it until the next call.
  func set(_ wanted: [HTTPHeader]) -> UnsafeMutablePointer<curl_slist>? {
    let kept = zip(headers, wanted).prefix { $0.isSameLine(as: $1) }.count
    guard kept < headers.count || kept < wanted.count else { return nodes.first }
    removeNodes(from: kept + 1)
    for header in wanted[kept...] { append(header.line) }
    headers = wanted
    return nodes.first
  }

  private func append(_ line: String) {
    guard let text = strdup(line) else { fatalError("BUG: strdup found no memory") }
    let node = UnsafeMutablePointer<curl_slist>.allocate(capacity: 1)
    node.initialize(to: curl_slist(data: text, next: nil))
    nodes.last?.pointee.next = node
    nodes.append(node)
  }

  private func removeNodes(from start: Int) {
    for node in nodes[start...] {
      free(node.pointee.data)
      node.deallocate()
    }
    nodes.removeSubrange(start...)
    nodes.last?.pointee.next = nil
  }
}

extension HTTPHeader {
  /// As libcurl takes it: a header without a value ends in a semicolon there.
  fileprivate var line: String { value.isEmpty ? "\(name);" : "\(name): \(value)" }

  /// Whether both give the same bytes; `String` holds different spellings for equal.
  fileprivate func isSameLine(as other: HTTPHeader) -> Bool {
    name.utf8.elementsEqual(other.name.utf8) && value.utf8.elementsEqual(other.value.utf8)
  }
}
