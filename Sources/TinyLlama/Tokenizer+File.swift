import Primitives

extension Tokenizer {
  /// What `tokenizer.json` may say beside vocabulary, merges and added tokens: a file that asks for
  /// anything else is refused by the name of the member.
  private static let pipeline: [(name: String, values: [JSON])] = [
    ("version", ["1.0"]), ("truncation", [nil]), ("padding", [nil]),
  ]

  /// The members that have readers of their own.
  private static let parts = [
    "added_tokens", "model", "normalizer", "pre_tokenizer", "post_processor", "decoder",
  ]

  private static let modelSettings: [(name: String, values: [JSON])] = [
    ("type", ["BPE"]), ("dropout", [nil]), ("unk_token", [nil]),
    ("continuing_subword_prefix", [nil, ""]), ("end_of_word_suffix", [nil, ""]),
    ("fuse_unk", [false]), ("byte_fallback", [false]), ("ignore_merges", [false, true]),
  ]

  /// Reads a `tokenizer.json`.
  init(parsing bytes: [UInt8]) throws(CheckpointError) {
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw Self.error("\(error)") }
    guard let object = json.object else {
      throw Self.error("expected a map, found \(json.kindName)")
    }
    try Self.check(object, against: Self.pipeline, beside: Self.parts, in: "")
    for name in ["pre_tokenizer", "decoder"] where object[name] == nil {
      throw Self.error("'\(name)' is missing")
    }
    guard let model = object["model"]?.object else { throw Self.error("'model' is missing") }
    try Self.check(model, against: Self.modelSettings, beside: ["vocab", "merges"], in: "model.")
    let specials = try Self.specials(in: object["added_tokens"])
    let vocabulary = try Self.vocabulary(in: model["vocab"])
    let tokenBytes = try Self.tokenBytes(vocabulary, specials)
    try self.init(
      tokenBytes: tokenBytes,
      merges: Self.merges(in: model["merges"], vocabulary),
      specials: specials,
      style: Style(parsing: object)
    )
  }

  private static func check(
    _ object: JSONObject,
    against settings: [(name: String, values: [JSON])],
    beside others: [String],
    in path: String
  ) throws(CheckpointError) {
    for (name, value) in object.members where !others.contains(name) {
      guard let setting = settings.first(where: { $0.name == name }) else {
        throw error("'\(path)\(name)' is not supported by this runtime")
      }
      guard setting.values.contains(value) else {
        throw error(
          "'\(path)\(name)' is \(value.compactText); this runtime has only "
            + setting.values[0].compactText
        )
      }
    }
    if settings.contains(where: { $0.name == "type" }), object["type"] == nil {
      throw error("'\(path)type' is missing")
    }
  }

  private static func specials(in json: JSON?) throws(CheckpointError) -> [Special] {
    guard let list = json?.array else { throw error("'added_tokens' is missing") }
    var specials: [Special] = []
    for entry in list {
      guard let token = entry["id"]?.integer.flatMap(Int32.init(exactly:)), token >= 0,
        let text = entry["content"]?.string, !text.isEmpty
      else { throw error("an added token lacks its 'id' or 'content': \(entry.compactText)") }
      for flag in ["lstrip", "rstrip", "single_word"] where entry[flag]?.bool == true {
        throw error("added token '\(text)' has '\(flag)', which this runtime does not support")
      }
      specials.append(
        Special(token: token, text: text, isSpecial: entry["special"]?.bool ?? false)
      )
    }
    return specials
  }

  private static func vocabulary(in json: JSON?) throws(CheckpointError) -> [String: Int32] {
    guard let object = json?.object else { throw error("'model.vocab' is missing") }
    var vocabulary: [String: Int32] = [:]
    for (text, value) in object.members {
      guard let token = value.integer.flatMap(Int32.init(exactly:)), token >= 0 else {
        throw error("token '\(text)' has id \(value.compactText)")
      }
      // Keys that differ in bytes may still be one `String`; such a pair cannot be in the alphabet.
      guard vocabulary.updateValue(token, forKey: text) == nil else {
        throw error("token '\(text)' stands there twice")
      }
    }
    return vocabulary
  }

  private static func tokenBytes(
    _ vocabulary: [String: Int32],
    _ specials: [Special]
  ) throws(CheckpointError) -> [[UInt8]?] {
    let ids = vocabulary.values + specials.map(\.token)
    let count = Int(ids.max() ?? -1) + 1
    // Ids need not be dense, but one far-off id must not cost its size in memory.
    guard count <= 2 * ids.count + 1024 else { throw error("token ids reach to \(count - 1)") }
    var result = [[UInt8]?](repeating: nil, count: count)
    let special = Dictionary(specials.map { ($0.token, $0.text) }) { first, _ in first }
    guard special.count == specials.count else { throw error("two added tokens share an id") }
    for (text, token) in vocabulary {
      if let other = special[token] {
        guard other == text else { throw error("id \(token) is both '\(text)' and '\(other)'") }
        continue
      }
      guard result[Int(token)] == nil else { throw error("two tokens share id \(token)") }
      guard let bytes = ByteAlphabet.bytes(of: text), !bytes.isEmpty else {
        throw error("token '\(text)' has a character that stands for no byte")
      }
      result[Int(token)] = bytes
    }
    return result
  }

  private static func merges(
    in json: JSON?,
    _ vocabulary: [String: Int32]
  ) throws(CheckpointError) -> [Pair] {
    guard let list = json?.array else { throw error("'model.merges' is missing") }
    var pairs: [Pair] = []
    for (index, entry) in list.enumerated() {
      // Older files write "a b", newer ones ["a", "b"].
      let parts =
        entry.array?.compactMap(\.string)
        ?? entry.string?.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard let parts, parts.count == 2 else {
        throw error("merge \(index + 1) is no pair: \(entry.compactText)")
      }
      guard let left = vocabulary[parts[0]], let right = vocabulary[parts[1]] else {
        throw error("merge \(index + 1) joins what are no tokens: '\(parts[0])', '\(parts[1])'")
      }
      pairs.append(Pair(left: left, right: right))
    }
    return pairs
  }

  /// The content of `tokenizer.json`, as `init(parsing:)` reads it.
  var json: JSON {
    var vocabulary: [(key: String, value: JSON)] = []
    let added = Set(specials.map(\.token))
    for (index, bytes) in tokenBytes.enumerated() where !added.contains(Int32(index)) {
      if let bytes { vocabulary.append((ByteAlphabet.text(of: bytes), JSON(index))) }
    }
    let merges = mergeList.map { pair -> JSON in
      .string(
        ByteAlphabet.text(of: bytes(of: pair.left)) + " "
          + ByteAlphabet.text(of: bytes(of: pair.right))
      )
    }
    let addedTokens = specials.map { special -> JSON in
      [
        "id": .integer(Int64(special.token)), "content": .string(special.text),
        "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
        "special": .bool(special.isSpecial),
      ]
    }
    return [
      "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(addedTokens),
      "normalizer": style.normalizerJSON, "pre_tokenizer": style.preTokenizerJSON,
      "post_processor": nil, "decoder": Style.byteLevel(),
      "model": [
        "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": "",
        "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false,
        "ignore_merges": .bool(style.prefersWholePieces), "vocab": .object(JSONObject(vocabulary)),
        "merges": .array(merges),
      ],
    ]
  }
}
