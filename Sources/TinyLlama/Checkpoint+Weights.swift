import Primitives

extension Checkpoint {
  /// Names the files among which the tensors of a large model are divided.
  static let shardIndexName = "model.safetensors.index.json"

  /// The names of the files with weights that an index asks for, sorted.
  static func shardNames(in index: [UInt8]) throws(CheckpointError) -> [String] {
    let names = Set(try weightMap(in: index).map(\.file))
    return names.sorted(by: UTF8Order.less)
  }

  /// Which file each tensor lies in; files are named without a folder.
  private static func weightMap(
    in index: [UInt8]
  ) throws(CheckpointError) -> [(tensor: String, file: String)] {
    func error(_ message: String) -> CheckpointError {
      CheckpointError(file: shardIndexName, message)
    }
    let json: JSON
    do { json = try JSON(parsing: index) } catch {
      throw CheckpointError(file: shardIndexName, "\(error)")
    }
    guard let map = json["weight_map"]?.object, !map.isEmpty else {
      throw error("'weight_map' is missing or empty; expected the file of each tensor")
    }
    var result: [(tensor: String, file: String)] = []
    for (tensor, value) in map.members {
      // A name with a slash could lead out of the folder.
      guard let file = value.string, file.hasSuffix(".safetensors"), !file.utf8.contains(0x2F)
      else {
        throw error("tensor '\(tensor)' lies in \(value.compactText), which is no safetensors file")
      }
      result.append((tensor, file))
    }
    return result
  }

  /// Reads the weights: one file, or those of an index where there is one instead.
  static func weights(in files: [String: [UInt8]]) throws(CheckpointError) -> [Safetensors] {
    if let bytes = files[Safetensors.fileName] { return [try Safetensors(parsing: bytes)] }
    guard let index = files[shardIndexName] else {
      throw CheckpointError(file: Safetensors.fileName, "is missing")
    }
    var shards: [Safetensors] = []
    for name in try shardNames(in: index) {
      guard let bytes = files[name] else {
        throw CheckpointError(file: name, "is missing; '\(shardIndexName)' names it")
      }
      shards.append(try Safetensors(parsing: bytes, name: name))
    }
    let places = Set(shards.flatMap { shard in shard.entries.map { "\(shard.name)/\($0.name)" } })
    for (tensor, file) in try weightMap(in: index) where !places.contains("\(file)/\(tensor)") {
      throw CheckpointError(
        file: file,
        "lacks tensor '\(tensor)', which '\(shardIndexName)' expects"
      )
    }
    return shards
  }

  /// The tensors of all files in the places that the configuration gives them.
  ///
  /// Every tensor is checked before memory is taken: sizes in a config cost nothing to write.
  static func parameters(
    of configuration: ModelConfiguration,
    from weights: [Safetensors]
  ) throws(CheckpointError) -> [Float] {
    let layout = ParameterLayout(configuration)
    let expected = Dictionary(uniqueKeysWithValues: layout.tensors.map { ($0.name, $0) })
    var missing = Set(expected.keys)
    for file in weights {
      for entry in file.entries where !isDerived(entry.name) {
        guard let tensor = expected[entry.name], missing.remove(entry.name) != nil else {
          throw CheckpointError(
            file: file.name,
            "has a tensor '\(entry.name)' that the configuration does not know"
          )
        }
        guard entry.shape == tensor.shape else {
          throw CheckpointError(
            file: file.name,
            "tensor '\(entry.name)' has shape \(entry.shape); the configuration says "
              + "\(tensor.shape)"
          )
        }
      }
    }
    if let name = missing.min() {
      throw CheckpointError(
        file: weights.first?.name ?? Safetensors.fileName,
        "lacks tensor '\(name)'"
      )
    }
    return try copied(weights, expected, count: layout.count)
  }

  /// What old exporters wrote beside the weights and every loader computes itself.
  private static func isDerived(_ name: String) -> Bool { name.hasSuffix(".rotary_emb.inv_freq") }

  private static func copied(
    _ weights: [Safetensors],
    _ expected: [String: ParameterLayout.Tensor],
    count: Int
  ) throws(CheckpointError) -> [Float] {
    var parameters = [Float](repeating: 0, count: count)
    var problem: CheckpointError?
    parameters.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for file in weights {
        for entry in file.entries {
          guard let tensor = expected[entry.name] else { continue }
          do throws(CheckpointError) {
            try file.copy(entry, to: base + tensor.offset)
          } catch {
            problem = error
            return
          }
        }
      }
    }
    if let problem { throw problem }
    return parameters
  }
}
