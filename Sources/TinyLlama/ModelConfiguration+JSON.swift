package import Primitives

extension ModelConfiguration {
  /// Members that change nothing of what the model computes.
  private static let ignored: Set<String> = [
    "_name_or_path", "bos_token_id", "pad_token_id", "transformers_version", "use_cache",
    "initializer_range", "torch_dtype", "dtype", "transformers.js_config",
  ]

  /// Members that may stand there with one value only: what this runtime does anyway.
  private static let fixed: [(name: String, value: JSON)] = [
    ("model_type", "llama"), ("architectures", ["LlamaForCausalLM"]), ("hidden_act", "silu"),
    ("attention_bias", false), ("mlp_bias", false), ("attention_dropout", 0),
    ("pretraining_tp", 1), ("rope_interleaved", false), ("is_llama_config", true),
    ("sliding_window", nil),
  ]

  /// Of the fixed members, those whose absence would mean something else.
  private static let required: Set<String> = ["model_type"]

  private static let sizes: Set<String> = [
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "max_position_embeddings", "rms_norm_eps", "rope_theta",
    "rope_scaling", "rope_parameters", "tie_word_embeddings", "eos_token_id",
  ]

  /// Reads a `config.json`; whatever would make the model compute something else is refused by name.
  package init(parsing bytes: [UInt8]) throws(CheckpointError) {
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw Self.error("\(error)") }
    guard let object = json.object else {
      throw Self.error("expected a map, found \(json.kindName)")
    }
    try Self.checkMembers(of: object)
    let headCount = try Self.integer("num_attention_heads", in: object)
    let ends = try Self.endTokens(in: object)
    let rope = try Self.rope(in: object)
    let base = try Self.number("rope_theta", in: object, default: 10_000)
    try self.init(
      vocabularySize: Self.integer("vocab_size", in: object),
      hiddenSize: Self.integer("hidden_size", in: object),
      intermediateSize: Self.integer("intermediate_size", in: object),
      layerCount: Self.integer("num_hidden_layers", in: object),
      headCount: headCount,
      keyValueHeadCount: Self.integer("num_key_value_heads", in: object, default: headCount),
      headSize: object["head_dim"] == nil ? nil : Self.integer("head_dim", in: object),
      contextLength: Self.integer("max_position_embeddings", in: object),
      normEpsilon: Float(Self.number("rms_norm_eps", in: object, default: 1e-6)),
      ropeTheta: Self.number("rope_theta", in: rope.object ?? JSONObject(), default: base),
      ropeScaling: RopeScaling.parsed(rope),
      tiesEmbeddings: Self.flag("tie_word_embeddings", in: object),
      endToken: ends[0],
      otherEndTokens: Array(ends.dropFirst())
    )
  }

  /// The scaling; newer files keep it together with the base under another name.
  private static func rope(in object: JSONObject) throws(CheckpointError) -> JSON {
    let found = ["rope_parameters", "rope_scaling"].filter { object[$0]?.isNull == false }
    guard found.count < 2 else {
      throw error("'rope_parameters' and 'rope_scaling' are both set; expected one of them")
    }
    return found.first.flatMap { object[$0] } ?? .null
  }

  /// One token or a list of them, of which at least one must be there.
  private static func endTokens(in object: JSONObject) throws(CheckpointError) -> [Int32] {
    guard let value = object["eos_token_id"] else { throw error("'eos_token_id' is missing") }
    let tokens = (value.array ?? [value]).map { $0.integer.flatMap(Int32.init(exactly:)) }
    let known = tokens.compactMap { $0 }
    guard !known.isEmpty, known.count == tokens.count else {
      throw error(
        "'eos_token_id' is \(value.compactText); expected a whole number or a list of them"
      )
    }
    return known
  }

  /// A member that must be there: loaders do not agree on what its absence means.
  private static func flag(_ name: String, in object: JSONObject) throws(CheckpointError) -> Bool {
    guard let value = object[name] else {
      throw error("'\(name)' is missing; expected true or false")
    }
    guard let flag = value.bool else {
      throw error("'\(name)' is \(value.compactText); expected true or false")
    }
    return flag
  }

  /// The members that `init(parsing:)` reads, and those that other loaders want to see.
  package var json: JSON {
    [
      "architectures": ["LlamaForCausalLM"],
      "attention_bias": false,
      "attention_dropout": 0.0,
      "eos_token_id": otherEndTokens.isEmpty
        ? JSON(Int(endToken)) : .array(endTokens.map { JSON(Int($0)) }),
      "head_dim": JSON(headSize),
      "hidden_act": "silu",
      "hidden_size": JSON(hiddenSize),
      "initializer_range": 0.02,
      "intermediate_size": JSON(intermediateSize),
      "max_position_embeddings": JSON(contextLength),
      "mlp_bias": false,
      "model_type": "llama",
      "num_attention_heads": JSON(headCount),
      "num_hidden_layers": JSON(layerCount),
      "num_key_value_heads": JSON(keyValueHeadCount),
      "rms_norm_eps": .number(Self.decimal(normEpsilon)),
      "rope_scaling": ropeScaling?.json ?? .null,
      "rope_theta": .number(ropeTheta),
      "tie_word_embeddings": .bool(tiesEmbeddings),
      "torch_dtype": "float32",
      "use_cache": true,
      "vocab_size": JSON(vocabularySize),
    ]
  }

  /// The double with the same shortest decimal form, so that 1e-5 is not written as 9.99999974e-06.
  private static func decimal(_ value: Float) -> Double {
    Double(value.description) ?? Double(value)
  }

  private static func checkMembers(of object: JSONObject) throws(CheckpointError) {
    for (name, expected) in fixed {
      guard let found = object[name] else {
        if required.contains(name) {
          throw error("'\(name)' is missing; expected \(expected.compactText)")
        }
        continue
      }
      guard same(found, expected) else {
        throw error(
          "'\(name)' is \(found.compactText); this runtime has only \(expected.compactText)"
        )
      }
    }
    let known = ignored.union(sizes).union(fixed.map(\.name))
    for key in object.keys where !known.contains(key) {
      throw error("'\(key)' is not supported by this runtime; remove it if it changes nothing")
    }
  }

  /// Equality that takes 0 and 0.0 for the same number.
  private static func same(_ one: JSON, _ other: JSON) -> Bool {
    if let left = one.number, let right = other.number { return left == right }
    return one == other
  }

  private static func integer(
    _ name: String,
    in object: JSONObject,
    default fallback: Int? = nil
  ) throws(CheckpointError) -> Int {
    guard let value = object[name] else {
      if let fallback { return fallback }
      throw error("'\(name)' is missing")
    }
    guard let integer = value.int else {
      throw error("'\(name)' is \(value.compactText); expected a whole number")
    }
    return integer
  }

  private static func number(
    _ name: String,
    in object: JSONObject,
    default fallback: Double
  ) throws(CheckpointError) -> Double {
    guard let value = object[name] else { return fallback }
    guard let number = value.number else {
      throw error("'\(name)' is \(value.compactText); expected a number")
    }
    return number
  }
}
