import Primitives

/// An answer as it is to go over the wire, with all that may be wrong with it.
struct Reply: Sendable {
  enum Body: Sendable {
    case bytes([UInt8])
    /// `head`, then `unit` so many times, then `tail`: made while it is sent.
    case repeated(head: [UInt8], unit: [UInt8], times: Int, tail: [UInt8])
  }

  enum Framing: Sendable {
    /// `Content-Length` is the body's length and this much more.
    case length(over: Int)
    case chunked
    /// Chunked, without the last chunk.
    case chunksCut
  }

  enum Delivery: Sendable {
    case whole
    /// Whole, then the connection is closed though nothing said so.
    case wholeThenClose
    /// Not a byte.
    case nothing(End)
    /// Not a byte for so many seconds, then closes.
    case stall(seconds: Double)
    case half(Part, End)
    case halfThenStall(seconds: Double)
    case drip(milliseconds: Int)
  }

  enum Part: Sendable { case head, body }
  enum End: Sendable { case close, reset }

  var status = 200
  var headers: [(name: String, value: String)] = []
  var body: Body = .bytes([])
  var framing: Framing = .length(over: 0)
  var delivery: Delivery = .whole

  /// The body's bytes, where it is held.
  var bytes: [UInt8] {
    if case .bytes(let bytes) = body { bytes } else { [] }
  }

  init(_ status: Int, bytes: [UInt8], type: String) {
    self.status = status
    headers = [("Content-Type", type)]
    body = .bytes(bytes)
  }

  init(_ status: Int = 200, json: JSON) {
    self.init(status, bytes: Array(json.compactText.utf8), type: "application/json")
  }

  /// No answer at all.
  static func silence(_ delivery: Delivery) -> Reply {
    var reply = Reply(0, bytes: [], type: "")
    reply.delivery = delivery
    return reply
  }

  mutating func setHeader(_ name: String, _ value: String) {
    headers.removeAll { $0.name.lowercased() == name.lowercased() }
    headers.append((name, value))
  }
}
