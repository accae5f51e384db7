package import Primitives

/// Which of the answers that a model could give to a request.
package struct Draw: Hashable, Sendable {
  /// The node's `seed`.
  package let seed: Int64?
  /// Counts from 0.
  package let sample: Int
  /// How often the draw was rolled again for its bad answers; 0 is the first roll.
  package let reroll: Int

  package init(seed: Int64? = nil, sample: Int = 0, reroll: Int = 0) {
    precondition(sample >= 0 && reroll >= 0, "BUG: a draw counts from 0")
    self.seed = seed
    self.sample = sample
    self.reroll = reroll
  }

  /// `reroll` is there above 0 only: the keys of first rolls are what they were before there were
  /// others.
  package var json: JSON {
    var members = JSONObject([("sample", JSON(sample))])
    members["seed"] = seed.map(JSON.integer)
    if reroll > 0 { members["reroll"] = JSON(reroll) }
    return .object(members)
  }

  /// The `seed` to send: the node's own for the first roll of the first sample, one derived from it
  /// for all others.
  ///
  /// Not the sum of them: then sample 1 of seed 1 would be sample 0 of seed 2, and means over seeds
  /// would count one answer twice. It has 31 bits, since some servers take no more.
  package var wireSeed: Int64? {
    guard sample > 0 || reroll > 0 else { return seed }
    let roll = reroll > 0 ? ":reroll:\(reroll)" : ""
    return Int64(Digest(of: "\(seed ?? 0):sample:\(sample)\(roll)").words.0 >> 33)
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
  /// The canonical JSON of the logical request, which the ledger keeps.
  package let requestText: [UInt8]
  /// Where the members of `decoding` stand in it, without the braces.
  private let decodingMembers: Range<Int>

  package init(_ request: LogicalRequest, draw: Draw = Draw(), model: ModelIdentity) {
    self.request = request
    self.draw = draw
    self.model = model
    (requestText, decodingMembers) = request.canonical
    // Put together from canonical parts, its members in the order of their names; the format is
    // raised only if the meaning of the others changes: every recorded answer is lost then.
    var preimage: [UInt8] = []
    preimage.reserveCapacity(requestText.count + model.text.utf8.count + 96)
    preimage.append(contentsOf: #"{"draw":"#.utf8)
    preimage.append(contentsOf: draw.json.canonical)
    preimage.append(contentsOf: #","format":1,"model":"#.utf8)
    preimage.append(contentsOf: model.text.utf8)
    preimage.append(contentsOf: #","request":"#.utf8)
    preimage.append(contentsOf: requestText)
    preimage.append(UInt8(ascii: "}"))
    key = Digest(of: preimage)
  }

  /// The body of `POST /chat/completions`; it never enters a key.
  ///
  /// Put together from the canonical request: what decoding says there is what the API wants to
  /// read, save for the name of the limit of tokens at some services.
  func wireBody(model: String, dialect: Dialect) -> [UInt8] {
    guard dialect.tokenLimitField == .maxTokens || request.decoding.maxTokens == nil else {
      return request.wireBody(model: model, draw: draw, dialect: dialect)
    }
    var body: [UInt8] = []
    body.reserveCapacity(requestText.count + model.utf8.count + 64)
    body.append(UInt8(ascii: "{"))
    body.append(contentsOf: requestText[decodingMembers])
    // Behind the brace of `decoding`, up to the one that ends the request.
    body.append(contentsOf: requestText[(decodingMembers.upperBound + 1)..<(requestText.count - 1)])
    body.append(contentsOf: #","model":"#.utf8)
    body.append(contentsOf: JSON.string(model).canonical)
    if dialect.sendsSeed, let seed = draw.wireSeed {
      body.append(contentsOf: #","seed":\#(seed)"#.utf8)
    }
    body.append(UInt8(ascii: "}"))
    return body
  }
}
