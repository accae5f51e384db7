/// Eight floats at a time, with the same result on every processor.
///
/// Only additions, multiplications, divisions and bit operations are used, never fused: IEEE 754
/// fixes the bits of each. Mathematical functions of the system differ between libraries.
enum VectorMath {
  typealias Lanes = SIMD8<Float>

  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  static func load(_ pointer: UnsafeMutablePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  static func store(_ lanes: Lanes, to pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
  }

  /// The sum of the lanes, always in the order of a tree over halves.
  @inline(__always)
  static func sum(_ lanes: Lanes) -> Float {
    let four = lanes.lowHalf + lanes.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  /// e to the power of each lane, to about one unit in the last place.
  ///
  /// Inputs outside ±87 are taken as ±87, short of where the result stops being a normal number.
  /// Source: the polynomial of the Cephes library's `expf`.
  @inline(__always)
  static func exp(_ input: Lanes) -> Lanes {
    let x = input.replacing(with: -87, where: input .< -87).replacing(with: 87, where: input .> 87)
    // Adding 1.5·2²³ rounds to a whole number, left in the low bits of the sum.
    let magic: Float = 12_582_912
    let shifted = x * 1.442_695_04 + magic
    let whole = shifted - magic
    // ln 2 in two parts, so that the remainder keeps its low bits.
    let r = x - whole * 0.693_359_375 - whole * -2.121_944_4e-4
    var p = r * 1.987_569_1e-4 + 1.398_199_9e-3
    p = p * r + 8.333_452e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 1.666_666_5e-1
    p = p * r + 5.000_000_1e-1
    let value = p * (r * r) + r + 1
    let exponent = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23
    let bits = unsafeBitCast(value, to: SIMD8<UInt32>.self) &+ exponent
    return unsafeBitCast(bits, to: Lanes.self)
  }

  /// e to the power of one number, by the same steps.
  static func exp(_ x: Float) -> Float { exp(Lanes(repeating: x))[0] }

  /// Turns scores into probabilities in place; returns the logarithm of what they were divided by.
  ///
  /// - Parameters:
  ///   - row: `count` scores; becomes probabilities.
  ///   - count: At least one.
  /// - Returns: The highest score and the sum of `exp(score - highest)`.
  @discardableResult
  static func softmax(
    _ row: UnsafeMutablePointer<Float>,
    _ count: Int
  ) -> (highest: Float, sum: Float) {
    var highest = row[0]
    for index in 1..<max(count, 1) where row[index] > highest { highest = row[index] }
    var total = Lanes.zero
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let value = exp(load(row + index) - highest)
      store(value, to: row + index)
      total += value
    }
    var sum = Self.sum(total)
    if whole < count {
      var rest = Lanes(repeating: -.greatestFiniteMagnitude)
      for index in whole..<count { rest[index - whole] = row[index] - highest }
      let value = exp(rest)
      for index in whole..<count {
        row[index] = value[index - whole]
        sum += value[index - whole]
      }
    }
    let scale = 1 / sum
    for index in 0..<count { row[index] *= scale }
    return (highest, sum)
  }

  /// x·sigmoid(x), with the sigmoid, lane by lane.
  @inline(__always)
  static func silu(_ x: Lanes) -> (value: Lanes, sigmoid: Lanes) {
    let sigmoid = 1 / (1 + exp(-x))
    return (x * sigmoid, sigmoid)
  }

  /// Divides a row by its root mean square and multiplies by the norm's scale.
  ///
  /// - Parameters:
  ///   - input: `width` numbers, a multiple of eight.
  ///   - scale: The norm's parameters, `width` too.
  ///   - output: Where the result goes.
  ///   - width: Numbers in the row.
  ///   - epsilon: Added to the mean square.
  /// - Returns: One over the root mean square.
  @discardableResult
  static func rootMeanSquareNorm(
    _ input: UnsafePointer<Float>,
    scale: UnsafePointer<Float>,
    to output: UnsafeMutablePointer<Float>,
    width: Int,
    epsilon: Float
  ) -> Float {
    var squares = Lanes.zero
    for index in stride(from: 0, to: width, by: 8) {
      let x = load(input + index)
      squares += x * x
    }
    let inverse = 1 / (sum(squares) / Float(width) + epsilon).squareRoot()
    for index in stride(from: 0, to: width, by: 8) {
      store(load(input + index) * inverse * load(scale + index), to: output + index)
    }
    return inverse
  }
}
