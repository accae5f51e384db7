package import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Checkpoint {
  static let configurationName = "config.json"

  /// The files of a checkpoint as this runtime writes it, sorted.
  package static let fileNames = [
    configurationName, Safetensors.fileName, Tokenizer.fileName, ChatSettings.fileName,
  ]

  /// The names of the files that a folder must have and lacks.
  ///
  /// Where an index stands in the place of the weights, its files count instead.
  package static func missingFiles(inFolder folder: String) -> [String] {
    var names = fileNames
    if !exists(Safetensors.fileName, in: folder), exists(shardIndexName, in: folder) {
      let index = try? read(shardIndexName, in: folder)
      let shards = index.flatMap { try? shardNames(in: $0) } ?? []
      names = names.filter { $0 != Safetensors.fileName } + shards
    }
    return names.filter { !exists($0, in: folder) }
  }

  /// Reads the files of a folder; others, such as a README, are not looked at.
  ///
  /// - Throws: `CheckpointError`, whose file has the folder in front: a workflow names several.
  package init(folder: String) throws(CheckpointError) {
    do throws(CheckpointError) {
      try self.init(files: Self.files(in: folder))
    } catch {
      throw CheckpointError(file: "\(folder)/\(error.file)", error.message)
    }
  }

  private static func files(in folder: String) throws(CheckpointError) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    var names = fileNames
    if !exists(Safetensors.fileName, in: folder),
      exists(shardIndexName, in: folder)
    {
      let index = try read(shardIndexName, in: folder)
      files[shardIndexName] = index
      names = names.filter { $0 != Safetensors.fileName } + (try shardNames(in: index))
    }
    if exists(ChatSettings.templateFileName, in: folder) {
      names.append(ChatSettings.templateFileName)
    }
    for name in names { files[name] = try read(name, in: folder) }
    return files
  }

  private static func exists(_ name: String, in folder: String) -> Bool {
    access("\(folder)/\(name)", F_OK) == 0
  }

  /// Reads a checkpoint from the bytes of its files; other files are not looked at.
  package init(files: [String: [UInt8]]) throws(CheckpointError) {
    func bytes(_ name: String) throws(CheckpointError) -> [UInt8] {
      guard let bytes = files[name] else { throw CheckpointError(file: name, "is missing") }
      return bytes
    }
    let configuration = try ModelConfiguration(parsing: bytes(Self.configurationName))
    let tokenizer = try Tokenizer(parsing: bytes(Tokenizer.fileName))
    let settings = try ChatSettings(
      parsing: bytes(ChatSettings.fileName),
      templateFile: files[ChatSettings.templateFileName]
    )
    let format = try ChatFormat(tokenizer, settings)
    let weights = try Self.weights(in: files)
    try self.init(
      configuration: configuration,
      tokenizer: tokenizer,
      format: format,
      parameters: Self.parameters(of: configuration, from: weights)
    )
  }

  /// The four files, sorted by name; the same bytes for the same model, however it was stored.
  package func files() -> [(name: String, bytes: [UInt8])] {
    let tensors = layout.tensors.sorted { UTF8Order.less($0.name, $1.name) }
      .map { (name: $0.name, shape: $0.shape, values: parameters[$0.range]) }
    return [
      (Self.configurationName, Self.text(configuration.json)),
      (Safetensors.fileName, Safetensors.encode(tensors)),
      (Tokenizer.fileName, Self.text(tokenizer.json)),
      (
        ChatSettings.fileName,
        Self.text(format.settings.json(contextLength: configuration.contextLength))
      ),
    ]
  }

  /// Identity of the model: SHA-256 over canonical JSON that maps each file's name to its digest.
  package var digest: Digest {
    let members = files().map { (key: $0.name, value: JSON.string(Digest(of: $0.bytes).hex)) }
    return Digest(of: JSON.object(JSONObject(members)).canonical)
  }

  private static func text(_ json: JSON) -> [UInt8] { Array((json.prettyText + "\n").utf8) }

  private static func read(_ name: String, in folder: String) throws(CheckpointError) -> [UInt8] {
    let path = "\(folder)/\(name)"
    guard let file = fopen(path, "rb") else {
      guard errno == ENOENT else { throw unreadable(name) }
      throw CheckpointError(file: name, "is missing")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      bytes.append(contentsOf: buffer[..<count])
      if count < buffer.count { break }
    }
    guard ferror(file) == 0 else { throw unreadable(name) }
    return bytes
  }

  private static func unreadable(_ name: String) -> CheckpointError {
    CheckpointError(file: name, "cannot be read: \(SystemError("read", path: name).reason)")
  }
}
