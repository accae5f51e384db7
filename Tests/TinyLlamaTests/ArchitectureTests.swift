import Foundation
import Primitives
import TestSupport
import Testing
import TinyLlama

/// What a folder may ask for beyond the models that this project makes itself.
struct ArchitectureTests {
  private static func checkpoint(
    tied: Bool = true,
    scaling: RopeScaling? = nil
  ) throws -> Checkpoint {
    let configuration = try ModelConfiguration(
      vocabularySize: Fixtures.tokenizer.tokenCount,
      hiddenSize: 32,
      intermediateSize: 40,
      layerCount: 2,
      headCount: 4,
      keyValueHeadCount: 1,
      headSize: 16,
      contextLength: 96,
      ropeScaling: scaling,
      tiesEmbeddings: tied,
      endToken: Int32(Fixtures.tokenizer.tokenCount - 1)
    )
    let checkpoint = try Checkpoint.untrained(
      configuration: configuration,
      tokenizer: Fixtures.tokenizer,
      seed: 5
    )
    return checkpoint.replacing(
      parameters: checkpoint.layout.tensors.flatMap { tensor in
        checkpoint.parameters[tensor.range].map { tensor.isMatrix ? $0 * 10 : $0 }
      }
    )
  }

  private static func scaling() throws -> RopeScaling {
    try RopeScaling(
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContextLength: 32
    )
  }

  @Test(arguments: [(false, false), (true, true), (false, true)])
  func decodingAndTrainingComputeIt(tied: Bool, scaled: Bool) throws {
    let checkpoint = try Self.checkpoint(tied: tied, scaling: scaled ? Self.scaling() : nil)
    let reference = ReferenceModel(checkpoint: checkpoint)
    let sequence = try checkpoint.trainingSequence(for: Fixtures.chats[2])
    let expected = reference.scores(after: sequence.tokens)
    for batch in [1, 5, 64] {
      let found = checkpoint.scores(after: sequence.tokens, batch: batch)
      for (row, other) in zip(found, expected) {
        #expect(zip(row, other).allSatisfy { abs(Double($0) - $1) < 1e-4 })
      }
    }
    let loss = Trainer(checkpoint, threads: 1).loss([sequence])
    #expect(abs(loss - reference.loss(sequence)) < 1e-4)
  }

  @Test func filesOfEveryOptionRoundTrip() throws {
    let checkpoint = try Self.checkpoint(tied: false, scaling: Self.scaling())
    let files = Dictionary(
      uniqueKeysWithValues: checkpoint.files().map { ($0.name, $0.bytes) }
    )
    let again = try Checkpoint(files: files)
    #expect(again.configuration == checkpoint.configuration)
    #expect(again.parameters == checkpoint.parameters)
    #expect(again.digest == checkpoint.digest)
  }

  @Test func anOutputMatrixOfItsOwnIsTrained() throws {
    let checkpoint = try Self.checkpoint(tied: false)
    let sequence = try checkpoint.trainingSequence(for: Fixtures.chats[0])
    let gradients = Trainer(checkpoint, threads: 1).gradients(of: [sequence])
    for name in ["lm_head.weight", "model.embed_tokens.weight"] {
      let tensor = try #require(checkpoint.layout.tensors.first { $0.name == name })
      #expect(gradients[tensor.range].contains { $0 != 0 }, "\(name)")
    }
  }

  /// Bits of 16-bit floats: 1, -2, the smallest above zero, the largest.
  @Test(
    arguments: [
      ("F16", [0x3C00, 0xC000, 0x0001, 0x7BFF], [1, -2, 0x1p-24, 65_504]),
      ("BF16", [0x3F80, 0xC000, 0x0080, 0x7F7F], [1, -2, 0x1p-126, 0x1.FEp127]),
    ] as [(String, [UInt16], [Float])]
  )
  func narrowFloatsAreWidenedExactly(type: String, bits: [UInt16], values: [Float]) throws {
    var files = try self.files()
    let norm = (0..<32).map { bits[$0 % 4] }
    let data = norm.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    files["model.safetensors"] = try Self.replacingNorm(
      in: try #require(files["model.safetensors"]),
      type,
      data
    )
    let checkpoint = try Checkpoint(files: files)
    let start = checkpoint.layout.finalNorm
    #expect(Array(checkpoint.parameters[start..<start + 4]) == values)
  }

  private func files() throws -> [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: try Fixtures.lively().files().map { ($0.name, $0.bytes) })
  }

  /// The same file with `model.norm.weight`, its last tensor, in another type.
  private static func replacingNorm(
    in file: [UInt8],
    _ type: String,
    _ data: [UInt8]
  ) throws -> [UInt8] {
    let length = file[0..<8].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    var header = try JSON(parsing: Array(file[8..<8 + length])).object ?? JSONObject()
    let offsets = try #require(header["model.norm.weight"]?["data_offsets"]?.array)
    let start = try #require(offsets[0].int)
    header["model.norm.weight"] = [
      "dtype": .string(type), "shape": [32],
      "data_offsets": [JSON(start), JSON(start + data.count)],
    ]
    let text = Array(JSON.object(header).compactText.utf8)
    let size = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    return size + text + file[(8 + length)..<(8 + length + start)] + data
  }

  @Test func dividedWeightsAreJoinedByTheirIndex() throws {
    var files = try files()
    let whole = try #require(files["model.safetensors"])
    files["model.safetensors"] = nil
    files["model-00001-of-00001.safetensors"] = whole
    let names = try Fixtures.lively().layout.tensors.map(\.name)
    func index(_ names: [String], _ file: String = "model-00001-of-00001.safetensors") -> [UInt8] {
      let members = names.map { (key: $0, value: JSON.string(file)) }
      let json: JSON = ["metadata": ["total_size": 1], "weight_map": .object(JSONObject(members))]
      return Array(json.compactText.utf8)
    }
    func message() -> String {
      do {
        _ = try Checkpoint(files: files)
        return ""
      } catch { return "\(error)" }
    }
    files["model.safetensors.index.json"] = index(names)
    #expect(try Checkpoint(files: files).digest == Fixtures.lively().digest)
    files["model.safetensors.index.json"] = index(names + ["lm_head.weight"])
    #expect(message().contains("lacks tensor 'lm_head.weight'"))
    files["model.safetensors.index.json"] = index(names, "../other.safetensors")
    #expect(message().contains("which is no safetensors file"))
    files["model.safetensors.index.json"] = index(names, "model-2.safetensors")
    #expect(message().contains("model-2.safetensors: is missing"))
    files["model.safetensors.index.json"] = Array("{}".utf8)
    #expect(message().contains("'weight_map' is missing"))
  }

  #if os(Linux)
    /// A disk that has no more room, under a folder that had a model and one that had none.
    @Test func aFullDiskLeavesNoHalfOfAModel() throws {
      let folder = try TemporaryFolder()
      let old = try Fixtures.checkpoint()
      try old.write(to: "\(folder.path)/model")
      try folder.write("", to: "new/README.md")
      for name in ["model", "new"] {
        // Whatever is written to this device finds it full.
        #expect(symlink("/dev/full", "\(folder.path)/\(name)/.tokenizer.json.part") == 0)
        let error = #expect(throws: CheckpointError.self) {
          try Fixtures.lively().write(to: "\(folder.path)/\(name)")
        }
        #expect(error?.file == "tokenizer.json")
        #expect(error?.message.contains("No space left on device") == true)
      }
      #expect(try Checkpoint(folder: "\(folder.path)/model").digest == old.digest)
      let error = #expect(throws: CheckpointError.self) {
        try Checkpoint(folder: "\(folder.path)/new")
      }
      #expect(error?.message.contains("is missing") == true)
      #expect(Checkpoint.missingFiles(inFolder: "\(folder.path)/new") == Checkpoint.fileNames)
      let left = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/new")
      #expect(left == ["README.md"])
    }
  #endif
}
