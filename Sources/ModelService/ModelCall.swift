package import Primitives

/// Which of the answers that a model could give to a request.
package struct Draw: Hashable, Sendable {
  /// The node's `seed`.
  package let seed: Int64?
  /// Counts from 0.
  package let sample: Int

  package init(seed: Int64? = nil, sample: Int = 0) {
    self.seed = seed
    self.sample = sample
  }

  var json: JSON {
    var members = JSONObject([("sample", JSON(sample))])
    members["seed"] = seed.map(JSON.integer)
    return .object(members)
  }

  /// The `seed` to send: the node's own for the first sample, one derived from it for the others.
  ///
  /// Not the sum of both: then sample 1 of seed 1 would be sample 0 of seed 2, and means over seeds
  /// would count one answer twice. It has 31 bits, since some servers take no more.
  var wireSeed: Int64? {
    guard sample > 0 else { return seed }
    return Int64(Digest(of: "\(seed ?? 0):sample:\(sample)").words.0 >> 33)
  }
}

/// One logical request to one model, one draw; paid for once.
package struct ModelCall: Sendable {
  package let request: LogicalRequest
  package let draw: Draw
  package let model: ModelIdentity
  /// SHA-256 of the canonical JSON of format, model identity, logical request and draw.
  ///
  /// It holds nothing of how the call is made: no wire body, address, node, row or version of the
  /// tool. Golden keys in the tests never change.
  package let key: Digest

  /// Raised only if the meaning of the other members changes; every recorded answer is lost then.
  private static let keyFormat: JSON = 1

  package init(_ request: LogicalRequest, draw: Draw = Draw(), model: ModelIdentity) {
    self.request = request
    self.draw = draw
    self.model = model
    let preimage: JSON = [
      "format": Self.keyFormat,
      "model": model.json,
      "request": request.json,
      "draw": draw.json,
    ]
    key = Digest(of: preimage.canonical)
  }
}
