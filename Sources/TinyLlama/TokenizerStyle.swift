import Primitives

extension Tokenizer.Style {
  /// Reads what `tokenizer.json` says of normalizer, pre-tokenizer, post-processor and decoder.
  ///
  /// What a post-processor adds to a text is left out: only chats are encoded here, and their
  /// template writes all special tokens itself, as Hugging Face's `apply_chat_template` has it.
  init(parsing object: JSONObject) throws(CheckpointError) {
    composes = try Self.composes(object["normalizer"] ?? .null)
    preTokenizer = try Self.preTokenizer(object["pre_tokenizer"] ?? .null)
    prefersWholePieces = object["model"]?["ignore_merges"]?.bool ?? false
    try Self.checkPostProcessor(object["post_processor"] ?? .null)
    // The decoder reads no setting of its own: all forms of it decode alike.
    let decoder = object["decoder"] ?? .null
    guard decoder["type"] == "ByteLevel" else {
      throw Self.refused("decoder", decoder, "a 'ByteLevel' decoder")
    }
  }

  private static func refused(_ name: String, _ found: JSON, _ has: String) -> CheckpointError {
    Tokenizer.error("'\(name)' is \(found.compactText); this runtime has only \(has)")
  }

  private static func composes(_ json: JSON) throws(CheckpointError) -> Bool {
    if json.isNull { return false }
    let steps = json["type"] == "Sequence" ? json["normalizers"]?.array ?? [] : [json]
    guard steps.allSatisfy({ $0["type"] == "NFC" }) else {
      throw refused("normalizer", json, "null and 'NFC'")
    }
    return !steps.isEmpty
  }

  /// A split by one of the known patterns, or the one that `ByteLevel` brings itself.
  private static func preTokenizer(_ json: JSON) throws(CheckpointError) -> PreTokenizer {
    let steps = json["type"] == "Sequence" ? json["pretokenizers"]?.array ?? [] : [json]
    let expected = refused(
      "pre_tokenizer",
      json,
      "'ByteLevel' without a space before the text, alone, behind 'Digits' one by one, or behind an "
        + "isolating 'Split' by the pattern of Llama 3 or Qwen"
    )
    guard (1...2).contains(steps.count), let last = steps.last, last["type"] == "ByteLevel",
      last["add_prefix_space"]?.bool == false
    else { throw expected }
    // Older files leave the member out, and mean that `ByteLevel` splits.
    let splits = last["use_regex"]?.bool ?? true
    if steps.count == 1, splits { return .gpt2 }
    switch steps[0]["type"] {
    case "Digits" where steps[0]["individual_digits"] == true && splits: return .gpt2WithDigits
    case "Split"
    where !splits && steps[0]["behavior"] == "Isolated" && steps[0]["invert"] == false:
      let pattern = steps[0]["pattern"]?["Regex"]?.string ?? ""
      let known = PreTokenizer.allCases.first { $0.pattern == pattern }
      if let known { return known }
    default: break
    }
    throw expected
  }

  private static func checkPostProcessor(_ json: JSON) throws(CheckpointError) {
    if json.isNull { return }
    let steps = json["type"] == "Sequence" ? json["processors"]?.array ?? [] : [json]
    for step in steps {
      guard step["type"] == "ByteLevel" || step["type"] == "TemplateProcessing" else {
        throw refused("post_processor", json, "null, 'ByteLevel' and 'TemplateProcessing'")
      }
    }
  }
}

// MARK: - Writing

extension Tokenizer.Style {
  var normalizerJSON: JSON { composes ? ["type": "NFC"] : .null }

  var preTokenizerJSON: JSON {
    switch preTokenizer {
    case .gpt2: Self.byteLevel(useRegex: true)
    case .gpt2WithDigits:
      Self.sequence(["type": "Digits", "individual_digits": true], Self.byteLevel(useRegex: true))
    case .qwen, .llama3:
      Self.sequence(
        [
          "type": "Split", "pattern": ["Regex": JSON(preTokenizer.pattern)],
          "behavior": "Isolated", "invert": false,
        ],
        Self.byteLevel()
      )
    }
  }

  private static func sequence(_ steps: JSON...) -> JSON {
    ["type": "Sequence", "pretokenizers": .array(steps)]
  }

  static func byteLevel(useRegex: Bool = false) -> JSON {
    [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false,
      "use_regex": .bool(useRegex),
    ]
  }
}
