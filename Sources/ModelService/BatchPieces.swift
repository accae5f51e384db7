import Primitives

/// Calls cut into pieces that a service takes as one file each.
package enum BatchPieces {
  /// In the order of the calls; a piece has at most the dialect's lines and bytes.
  static func cut(_ calls: [ModelCall], for endpoint: ModelEndpoint) -> [ArraySlice<ModelCall>] {
    cut(
      calls,
      lines: endpoint.dialect.batchLines,
      bytes: endpoint.dialect.batchBytes,
      size: { BatchLine.request($0, from: endpoint).count }
    )
  }

  /// As the other, by any limits; a call that is larger than all of them makes a piece of its own.
  package static func cut(
    _ calls: [ModelCall],
    lines: Int,
    bytes: Int,
    size: (ModelCall) -> Int
  ) -> [ArraySlice<ModelCall>] {
    var pieces: [ArraySlice<ModelCall>] = []
    var start = 0
    var total = 0
    for (index, call) in calls.enumerated() {
      let more = size(call)
      if index > start, index - start == lines || total + more > bytes {
        pieces.append(calls[start..<index])
        (start, total) = (index, 0)
      }
      total += more
    }
    if start < calls.count { pieces.append(calls[start...]) }
    return pieces
  }
}
