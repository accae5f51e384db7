#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Primitives
import TestSupport
import Testing
import TinyLlama

/// Checkpoints as files: the same bytes, and a name for every damage.
struct CheckpointTests {
  private func files() throws -> [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: try Fixtures.lively().files().map { ($0.name, $0.bytes) })
  }

  /// Expects that files are refused, with the file and a part of the message.
  private func expectRefusal(
    _ files: [String: [UInt8]],
    _ file: String,
    _ part: String,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: CheckpointError.self, sourceLocation: location) {
      _ = try Checkpoint(files: files)
    }
    #expect(error?.file == file, sourceLocation: location)
    #expect(
      error?.message.contains(part) == true,
      "\(String(describing: error))",
      sourceLocation: location
    )
  }

  private func expectRefusal(
    replacing old: String,
    by new: String,
    in file: String,
    _ part: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    var files = try files()
    let text = String(decoding: files[file] ?? [], as: UTF8.self)
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    try #require(changed != text, "'\(old)' is not in \(file)", sourceLocation: location)
    files[file] = Array(changed.utf8)
    expectRefusal(files, file, part, location)
  }

  @Test func filesRoundTripToTheSameBytes() throws {
    let checkpoint = try Fixtures.lively()
    let again = try Checkpoint(files: files())
    #expect(again.parameters == checkpoint.parameters)
    #expect(again.configuration == checkpoint.configuration)
    #expect(again.digest == checkpoint.digest)
    #expect(checkpoint.files().map(\.name) == Checkpoint.fileNames)
    #expect(Checkpoint.fileNames == Checkpoint.fileNames.sorted())
  }

  @Test func foldersRoundTrip() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try Fixtures.checkpoint()
    let path = "\(folder.path)/model"
    try checkpoint.write(to: path)
    try checkpoint.write(to: path)
    try folder.write("beside the model", to: "model/README.md")
    #expect(try Checkpoint(folder: path).digest == checkpoint.digest)
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder.path) }
    #expect(error?.description == "\(folder.path)/config.json: is missing")
    try folder.write("{", to: "model/config.json")
    let damaged = #expect(throws: CheckpointError.self) { try Checkpoint(folder: path) }
    #expect(damaged?.file == "\(path)/config.json")
    #expect(unlink("\(path)/config.json") == 0 && mkdir("\(path)/config.json", 0o700) == 0)
    let unreadable = #expect(throws: CheckpointError.self) { try Checkpoint(folder: path) }
    #expect(unreadable?.message == "cannot be read: \(String(cString: strerror(EISDIR)))")
  }

  @Test func missingFilesAreNamed() throws {
    for name in Checkpoint.fileNames {
      var files = try files()
      files[name] = nil
      expectRefusal(files, name, "is missing")
    }
  }

  @Test(arguments: [
    ("\"llama\"", "\"gpt2\"", "'model_type'"),
    ("LlamaForCausalLM", "MistralForCausalLM", "'architectures'"),
    ("\"silu\"", "\"gelu\"", "'hidden_act'"),
    ("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": 1", "'tie_word_embeddings'"),
    ("\"tie_word_embeddings\": true", "\"pretraining_tp\": 1", "'tie_word_embeddings' is missing"),
    ("\"rope_scaling\": null", "\"rope_scaling\": {\"type\": \"linear\"}", "the type is 'linear'"),
    (
      "\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8}",
      "'original_max_position_embeddings'"
    ),
    (
      "\"rope_scaling\": null",
      "\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": \"x\"}",
      "'rope_theta' is \"x\""
    ),
    (
      "\"rope_scaling\": null",
      "\"rope_parameters\": {\"rope_type\": \"default\", \"partial_rotary_factor\": 0.5}",
      "'partial_rotary_factor'"
    ),
    (
      "\"rope_scaling\": null",
      "\"rope_parameters\": null, \"rope_scaling\": {\"rope_type\": \"yarn\"}", "the type is 'yarn'"
    ),
    (
      "\"rope_scaling\": null",
      "\"rope_parameters\": {\"rope_type\": \"default\"}, \"rope_scaling\": {\"rope_type\": \"yarn\"}",
      "are both set"
    ),
    ("\"eos_token_id\": 289", "\"eos_token_id\": []", "'eos_token_id' is []"),
    ("\"eos_token_id\": 289", "\"eos_token_id\": 3", "ends turns with 289 ('<|im_end|>')"),
    ("\"use_cache\": true", "\"quantization_config\": {}", "'quantization_config'"),
    ("\"use_cache\": true", "\"sliding_window\": 4", "'sliding_window'"),
    ("\"hidden_size\": 32", "\"hidden_size\": 33", "'hidden_size' is 33"),
    ("\"hidden_size\": 32", "\"hidden_size\": \"32\"", "'hidden_size'"),
    ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 0", "'num_hidden_layers' is 0"),
    ("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", "does not divide"),
    ("\"head_dim\": 8", "\"head_dim\": 12", "'head_dim' is 12"),
    ("\"rms_norm_eps\": 1e-05", "\"rms_norm_eps\": 0", "'rms_norm_eps'"),
    ("\"rope_theta\": 10000.0", "\"rope_theta\": 0", "'rope_theta'"),
    ("\"vocab_size\"", "\"vocabulary\"", "'vocabulary'"),
    ("{", "[", "byte"),
  ]) func unsupportedConfigurationsAreNamed(old: String, new: String, part: String) throws {
    try expectRefusal(replacing: old, by: new, in: "config.json", part)
  }

  @Test(arguments: [
    ("\"normalizer\": null", "\"normalizer\": {\"type\": \"Lowercase\"}", "'normalizer'"),
    ("p{N}|", "p{N}{1,2}|", "'pre_tokenizer'"),
    ("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "'model.type'"),
    ("\"byte_fallback\": false", "\"byte_fallback\": true", "'model.byte_fallback'"),
    ("\"dropout\": null", "\"dropout\": 0.1", "'model.dropout'"),
    ("\"lstrip\": false", "\"lstrip\": true", "'lstrip'"),
    ("\"decoder\"", "\"encoder\"", "'encoder'"),

    ("\"a\": 97", "\"a\": 98", "share id 98"),
    ("\"a\": 97", "\"a\": 90000", "90000"),
    ("\"version\"", "\"revision\"", "'revision'"),
  ]) func unsupportedTokenizersAreNamed(old: String, new: String, part: String) throws {
    try expectRefusal(replacing: old, by: new, in: "tokenizer.json", part)
  }

  @Test(arguments: [
    ("{% endfor %}", "", "'endfor' is missing"),
    ("{% for message in messages %}", "{% macro say(message) %}", "'macro' is not supported"),
    ("message['content']", "message['content'] | reverse", "filter 'reverse' is not supported"),
    ("message['content']", "'…'", "leaves out what the assistant says"),
    ("'<|im_end|>'", "'</s>'", "puts no special token"),
    ("message['content']", "raise_exception('no ' + message['role'])", "refuses: no user"),
    ("{% if add_generation_prompt %}", "{% if %}", "expected a value"),
    ("\"chat_template\"", "\"template\"", "'chat_template' is missing"),
  ]) func otherChatTemplatesAreRefused(old: String, new: String, part: String) throws {
    try expectRefusal(replacing: old, by: new, in: "tokenizer_config.json", part)
  }

  /// The stack is finite: what is nested without an end must be refused before it is full.
  @Test(arguments: [
    ("(", "1", ")", "nested more than 50 levels"), ("[", "1", "]", "nested more than 50 levels"),
    ("1 if 1 else ", "1", "", "nested more than 50 levels"),
    ("not ", "1", "", "more than 500 parts"),
    ("-", "1", "", "more than 500 parts"), ("1 + ", "1", "", "more than 500 parts"),
    ("1 or ", "1", "", "more than 500 parts"), ("1 and ", "1", "", "more than 500 parts"),
    ("1 == ", "1", "", "more than 500 parts"), ("1 ~ ", "1", "", "more than 500 parts"),
    ("1 * ", "1", "", "more than 500 parts"), ("", "1", "|trim", "more than 500 parts"),
    ("", "1", "[0]", "more than 500 parts"), ("", "1", " is none", "more than 500 parts"),
  ]) func endlessExpressionsAreRefused(
    before: String,
    middle: String,
    behind: String,
    part: String
  ) throws {
    let (left, right) = (
      String(repeating: before, count: 50_000), String(repeating: behind, count: 50_000)
    )
    try expectRefusal(
      replacing: "{% for message",
      by: "{% set x = \(left)\(middle)\(right) %}{% for message",
      in: "tokenizer_config.json",
      part
    )
  }

  @Test func endlessBlocksAreRefused() throws {
    try expectRefusal(
      replacing: "{% for message",
      by: String(repeating: "{% if true %}", count: 50_000) + "{% for message",
      in: "tokenizer_config.json",
      "blocks are nested more than 50 levels"
    )
  }

  @Test func brokenWeightsAreNamed() throws {
    let whole = try #require(try files()["model.safetensors"])
    let header = whole[0..<8].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    func expect(_ bytes: [UInt8], _ part: String) throws {
      var files = try files()
      files["model.safetensors"] = bytes
      expectRefusal(files, "model.safetensors", part)
    }
    try expect([], "0 bytes")
    try expect(Array(whole[..<7]), "7 bytes")
    try expect(Array(whole[..<(header / 2)]), "cut off")
    try expect(Array(whole.dropLast(4)), "cut off")
    try expect(whole + [0], "1 bytes behind its last tensor")
    try expect([UInt8](repeating: 0xFF, count: 7) + [0] + whole[8...], "header")
    var bytes = whole
    bytes[8] = UInt8(ascii: "[")
    try expect(bytes, "the header is damaged")
    bytes = whole
    bytes.replaceSubrange((whole.count - 4)..., with: [0, 0, 0x80, 0x7F])
    try expect(bytes, "not a finite number")
  }

  @Test(arguments: [
    ("F32", "I8", "type 'I8'"), ("F32", "BF16", "takes"),
    ("[32]", "[16]", "takes 64 bytes"),
    ("[32]", "[-2]", "dimension of -2"),
    ("\"data_offsets\":[0,", "\"data_offsets\":[4,", "bytes"),
    ("\"data_offsets\":[0,", "\"data_offsets\":[-4,", "no range"),
    ("model.norm.weight", "model.form.weight", "'model.form.weight'"),
    ("\"dtype\":\"F32\",", "", "no 'dtype'"),
  ]) func damagedHeadersAreNamed(old: String, new: String, part: String) throws {
    var files = try files()
    let whole = try #require(files["model.safetensors"])
    let length = whole[0..<8].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let header = String(decoding: whole[8..<8 + length], as: UTF8.self)
    let changed = Array(header.replacing(old, with: new, maxReplacements: 1).utf8)
    try #require(changed != Array(header.utf8))
    let count = withUnsafeBytes(of: UInt64(changed.count).littleEndian) { Array($0) }
    files["model.safetensors"] = count + changed + whole[(8 + length)...]
    expectRefusal(files, "model.safetensors", part)
  }

  /// Three tensors of a file, with what a header may claim of them.
  @Test func tensorsThatDoNotShareTheFileFairlyAreNamed() throws {
    func refusal(_ entries: String, bytes: Int) -> String {
      let header = Array("{\(entries)}".utf8)
      let count = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
      do {
        var files = try files()
        files["model.safetensors"] = count + header + [UInt8](repeating: 0, count: bytes)
        _ = try Checkpoint(files: files)
        return ""
      } catch { return "\(error)" }
    }
    func entry(_ name: String, _ start: Int, _ end: Int) -> String {
      #""\#(name)":{"dtype":"F32","shape":[2],"data_offsets":[\#(start),\#(end)]}"#
    }
    let a = entry("a", 0, 8)
    #expect(refusal("\(a),\(entry("b", 4, 12))", bytes: 12).contains("tensor 'b' overlaps another"))
    #expect(refusal("\(a),\(entry("b", 0, 8))", bytes: 8).contains("overlaps another"))
    #expect(
      refusal("\(a),\(entry("b", 12, 20))", bytes: 20)
        .contains("4 bytes before tensor 'b' belong to none")
    )
    #expect(refusal("\(a),\(entry("b", 8, 16))", bytes: 12).contains("is cut off"))
    #expect(refusal("\(a),\(a)", bytes: 8).contains("key 'a' stands twice"))
    #expect(
      refusal("\(entry("b", 8, 0))", bytes: 8).contains("from byte 8 to 0, which is no range")
    )
    #expect(refusal(a, bytes: 8).contains("tensor 'a' that the configuration does not know"))
    #expect(refusal("", bytes: 0).contains("lacks tensor 'model."))
    #expect(
      refusal(
        #""a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}"#,
        bytes: 8
      )
      .contains("beyond all memory")
    )
  }

  @Test func headersOfEveryLengthAreNamed() throws {
    let whole = try #require(try files()["model.safetensors"])
    let header = whole[0..<8].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    for (length, part) in [
      (UInt64(0), "the header is damaged"), (UInt64(header / 2), "the header is damaged"),
      (UInt64(header + 8), "the header is damaged"), (UInt64(whole.count), "is cut off"),
      (UInt64(100_000_001), "the format allows 100000000"), (.max, "the format allows 100000000"),
    ] {
      var files = try files()
      files["model.safetensors"] =
        withUnsafeBytes(of: length.littleEndian) { Array($0) } + whole[8...]
      expectRefusal(files, "model.safetensors", part)
    }
  }

  @Test func tensorsOfAnotherShapeAreRefused() throws {
    var files = try files()
    files["config.json"] = Array(
      String(decoding: files["config.json"] ?? [], as: UTF8.self)
        .replacing("\"intermediate_size\": 40", with: "\"intermediate_size\": 48").utf8
    )
    expectRefusal(files, "model.safetensors", "the configuration says")
  }

  /// No bytes may trap: only load or be refused.
  @Test func flippedBytesNeverTrap() throws {
    let original = try files()
    var generator = SeededGenerator(seed: 5, label: "flips")
    for name in Checkpoint.fileNames {
      for _ in 0..<60 {
        var files = original
        var bytes = files[name] ?? []
        // Weights are many and headers few: aim at the front.
        bytes[generator.below(min(bytes.count, 4000))] ^= UInt8(1 << generator.below(8))
        files[name] = bytes
        let message = Result { try Checkpoint(files: files) }.failureMessage
        #expect(message != "")
      }
    }
  }
}

extension Result where Failure == any Error {
  /// What the error says; nil for a success.
  fileprivate var failureMessage: String? {
    if case .failure(let error) = self { "\(error)" } else { nil }
  }
}
