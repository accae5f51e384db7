package import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Checkpoint {
  static let configurationName = "config.json"
  static let tokenizerConfigurationName = "tokenizer_config.json"

  /// The files of a checkpoint, sorted.
  package static let fileNames = [
    configurationName, Safetensors.fileName, Tokenizer.fileName, tokenizerConfigurationName,
  ]

  /// Reads the four files of a folder; others, such as a README, are not looked at.
  package init(folder: String) throws(CheckpointError) {
    var files: [String: [UInt8]] = [:]
    for name in Self.fileNames { files[name] = try Self.read(name, in: folder) }
    try self.init(files: files)
  }

  /// Reads a checkpoint from the bytes of its files; other files are not looked at.
  package init(files: [String: [UInt8]]) throws(CheckpointError) {
    func bytes(_ name: String) throws(CheckpointError) -> [UInt8] {
      guard let bytes = files[name] else { throw CheckpointError(file: name, "is missing") }
      return bytes
    }
    let configuration = try ModelConfiguration(parsing: bytes(Self.configurationName))
    let tokenizer = try Tokenizer(parsing: bytes(Tokenizer.fileName))
    try Self.checkTokenizerConfiguration(bytes(Self.tokenizerConfigurationName))
    let weights = try Safetensors(parsing: bytes(Safetensors.fileName))
    let parameters = try Self.parameters(of: configuration, from: weights)
    try self.init(configuration: configuration, tokenizer: tokenizer, parameters: parameters)
  }

  /// The four files, sorted by name; the same bytes for the same model.
  package func files() -> [(name: String, bytes: [UInt8])] {
    let tensors = layout.tensors.sorted { UTF8Order.less($0.name, $1.name) }
      .map { (name: $0.name, shape: $0.shape, values: parameters[$0.range]) }
    return [
      (Self.configurationName, Self.text(configuration.json)),
      (Safetensors.fileName, Safetensors.encode(tensors)),
      (Tokenizer.fileName, Self.text(tokenizer.json)),
      (Self.tokenizerConfigurationName, Self.text(Self.tokenizerConfiguration(configuration))),
    ]
  }

  /// Identity of the model: SHA-256 over canonical JSON that maps each file's name to its digest.
  package var digest: Digest {
    let members = files().map { (key: $0.name, value: JSON.string(Digest(of: $0.bytes).hex)) }
    return Digest(of: JSON.object(JSONObject(members)).canonical)
  }

  /// Writes the four files, making the folder if need be.
  package func write(to folder: String) throws(CheckpointError) {
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw Self.failed("make the folder", folder, file: folder)
    }
    for (name, bytes) in files() {
      let path = "\(folder)/\(name)"
      guard let file = fopen(path, "wb") else { throw Self.failed("open", path, file: name) }
      let written = fwrite(bytes, 1, bytes.count, file)
      // Both must have worked: `fclose` is what notices a full disk.
      guard fclose(file) == 0, written == bytes.count else {
        throw Self.failed("write", path, file: name)
      }
    }
  }

  private static func text(_ json: JSON) -> [UInt8] { Array((json.prettyText + "\n").utf8) }

  private static func failed(_ operation: String, _ path: String, file: String) -> CheckpointError {
    CheckpointError(file: file, SystemError(operation, path: path).description)
  }

  private static func read(_ name: String, in folder: String) throws(CheckpointError) -> [UInt8] {
    let path = "\(folder)/\(name)"
    guard let file = fopen(path, "rb") else {
      guard errno == ENOENT else { throw failed("open", path, file: name) }
      throw CheckpointError(file: name, "is missing in '\(folder)'")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      bytes.append(contentsOf: buffer[..<count])
      if count < buffer.count { break }
    }
    guard ferror(file) == 0 else { throw failed("read", path, file: name) }
    return bytes
  }

  private static func parameters(
    of configuration: ModelConfiguration,
    from weights: Safetensors
  ) throws(CheckpointError) -> [Float] {
    let layout = ParameterLayout(configuration)
    let expected = Dictionary(uniqueKeysWithValues: layout.tensors.map { ($0.name, $0) })
    var missing = Set(expected.keys)
    // Every tensor is checked before memory is taken: sizes in a config cost nothing to write.
    for entry in weights.entries {
      guard let tensor = expected[entry.name], missing.remove(entry.name) != nil else {
        throw damaged("has a tensor '\(entry.name)' that the configuration does not know")
      }
      guard entry.shape == tensor.shape else {
        throw damaged(
          "tensor '\(entry.name)' has shape \(entry.shape); the configuration says \(tensor.shape)"
        )
      }
    }
    if let name = missing.min() { throw damaged("lacks tensor '\(name)'") }
    var parameters = [Float](repeating: 0, count: layout.count)
    var problem: CheckpointError?
    parameters.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for entry in weights.entries {
        guard let tensor = expected[entry.name] else { continue }
        do throws(CheckpointError) {
          try weights.copy(entry, to: base + tensor.offset)
        } catch {
          problem = error
          return
        }
      }
    }
    if let problem { throw problem }
    return parameters
  }

  private static func damaged(_ message: String) -> CheckpointError {
    CheckpointError(file: Safetensors.fileName, message)
  }

  private static func tokenizerConfiguration(_ configuration: ModelConfiguration) -> JSON {
    [
      "add_bos_token": false, "add_prefix_space": false, "bos_token": nil,
      "chat_template": .string(ChatFormat.template), "clean_up_tokenization_spaces": false,
      "eos_token": .string(ChatFormat.endText),
      "model_max_length": JSON(configuration.contextLength),
      "pad_token": .string(ChatFormat.specials[0]), "tokenizer_class": "PreTrainedTokenizerFast",
      "unk_token": nil,
    ]
  }

  /// Only the chat template matters here; it must be the one that `ChatFormat` renders.
  private static func checkTokenizerConfiguration(_ bytes: [UInt8]) throws(CheckpointError) {
    func error(_ message: String) -> CheckpointError {
      CheckpointError(file: tokenizerConfigurationName, message)
    }
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch {
      throw CheckpointError(file: tokenizerConfigurationName, "\(error)")
    }
    guard let template = json["chat_template"]?.string else {
      throw error("'chat_template' is missing; expected the ChatML template")
    }
    guard UTF8Order.equal(template, ChatFormat.template) else {
      throw error("'chat_template' is not the plain ChatML template, the only one this runtime has")
    }
    if let end = json["eos_token"]?.string, !UTF8Order.equal(end, ChatFormat.endText) {
      throw error(
        "'eos_token' is '\(end)'; the chat template ends turns with '\(ChatFormat.endText)'"
      )
    }
    if json["add_bos_token"]?.bool == true {
      throw error("'add_bos_token' is true; the chat template starts with no such token")
    }
  }
}
