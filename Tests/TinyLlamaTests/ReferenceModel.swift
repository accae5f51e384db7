import Foundation
import TinyLlama

/// The model in plain loops over doubles: slow, and simple enough to be seen to be right.
///
/// Written after Hugging Face's `modeling_llama.py`; compared once with it by way of NumPy.
struct ReferenceModel {
  let checkpoint: Checkpoint

  private var configuration: ModelConfiguration { checkpoint.configuration }

  /// The scores of the token that follows each of the tokens.
  func scores(after tokens: [Int32]) -> [[Double]] {
    var stream = tokens.map { row("model.embed_tokens.weight", Int($0)) }
    for layer in 0..<configuration.layerCount {
      let prefix = "model.layers.\(layer)."
      let normed = stream.map { norm($0, prefix + "input_layernorm.weight") }
      let mixed = attention(normed, prefix + "self_attn.")
      stream = zip(stream, mixed).map { add($0, times(prefix + "self_attn.o_proj.weight", $1)) }
      stream = stream.map { x in
        let y = norm(x, prefix + "post_attention_layernorm.weight")
        let gate = times(prefix + "mlp.gate_proj.weight", y)
        let up = times(prefix + "mlp.up_proj.weight", y)
        let inner = zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 }
        return add(x, times(prefix + "mlp.down_proj.weight", inner))
      }
    }
    let output = configuration.tiesEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"
    return stream.map { times(output, norm($0, "model.norm.weight")) }
  }

  /// The most probable answer to a prompt, token by token.
  func answer(to prompt: [Int32], limit: Int) -> [Int32] {
    var tokens = prompt
    for _ in 0..<limit {
      let scores = scores(after: tokens).last ?? []
      let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
      tokens.append(Int32(best))
      if Int32(best) == configuration.endToken { break }
    }
    return Array(tokens[prompt.count...])
  }

  /// Mean of −ln p over the tokens to learn.
  func loss(_ sequence: TokenSequence) -> Double {
    let scores = scores(after: sequence.tokens)
    var sum = 0.0
    for index in 1..<sequence.tokens.count where sequence.counts[index] {
      let row = scores[index - 1]
      let total = row.reduce(0) { $0 + exp($1) }
      sum += log(total) - row[Int(sequence.tokens[index])]
    }
    return sum / Double(sequence.targetCount)
  }

  private func attention(_ inputs: [[Double]], _ prefix: String) -> [[Double]] {
    let size = configuration.headSize
    let group = configuration.headCount / configuration.keyValueHeadCount
    func heads(_ name: String) -> [[Double]] { inputs.map { times(prefix + name, $0) } }
    let (queries, keys, values) = (
      heads("q_proj.weight"), heads("k_proj.weight"), heads("v_proj.weight")
    )
    return inputs.indices.map { position in
      (0..<configuration.headCount).flatMap { head -> [Double] in
        let query = rotated(queries[position], head, position)
        let weights = (0...position).map { other -> Double in
          let key = rotated(keys[other], head / group, other)
          return exp(zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } / Double(size).squareRoot())
        }
        let total = weights.reduce(0, +)
        return (0..<size).map { lane in
          (0...position).reduce(0) { sum, other in
            sum + weights[other] / total * values[other][head / group * size + lane]
          }
        }
      }
    }
  }

  private func rotated(_ row: [Double], _ head: Int, _ position: Int) -> [Double] {
    let size = configuration.headSize
    let part = Array(row[head * size..<(head + 1) * size])
    return (0..<size).map { lane in
      let pair = lane % (size / 2)
      let frequency = scaled(pow(configuration.ropeTheta, -Double(2 * pair) / Double(size)))
      let angle = Double(position) * frequency
      let other = lane < size / 2 ? -part[lane + size / 2] : part[lane - size / 2]
      return part[lane] * cos(angle) + other * sin(angle)
    }
  }

  /// Llama 3.1's scaling, as `modeling_rope_utils.py` writes it.
  private func scaled(_ frequency: Double) -> Double {
    guard let scaling = configuration.ropeScaling else { return frequency }
    let length = Double(scaling.originalContextLength)
    let wave = 2 * Double.pi / frequency
    if wave > length / scaling.lowFrequencyFactor { return frequency / scaling.factor }
    if wave < length / scaling.highFrequencyFactor { return frequency }
    let share =
      (length / wave - scaling.lowFrequencyFactor)
      / (scaling.highFrequencyFactor - scaling.lowFrequencyFactor)
    return (1 - share) * (frequency / scaling.factor) + share * frequency
  }

  private func norm(_ x: [Double], _ name: String) -> [Double] {
    let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    let scale = 1 / (mean + Double(configuration.normEpsilon)).squareRoot()
    return zip(x, vector(name)).map { $0 * scale * $1 }
  }

  private func add(_ one: [Double], _ other: [Double]) -> [Double] { zip(one, other).map(+) }

  private func times(_ name: String, _ x: [Double]) -> [Double] {
    let weights = vector(name)
    return (0..<weights.count / x.count).map { row in
      x.indices.reduce(0) { $0 + weights[row * x.count + $1] * x[$1] }
    }
  }

  private func row(_ name: String, _ index: Int) -> [Double] {
    let width = configuration.hiddenSize
    return Array(vector(name)[index * width..<(index + 1) * width])
  }

  private func vector(_ name: String) -> [Double] {
    guard let tensor = checkpoint.layout.tensors.first(where: { $0.name == name }) else {
      return []
    }
    return checkpoint.parameters[tensor.range].map(Double.init)
  }
}
