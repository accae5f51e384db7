/// Floats at a fixed address, zero at first, freed with the last use.
///
/// `@unchecked Sendable`: the address and count never change, and whoever shares a buffer between
/// threads gives each thread a range of its own, with a join before any other reads it.
final class FloatBuffer: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    base = .allocate(capacity: count)
    base.initialize(repeating: 0, count: count)
  }

  convenience init(_ values: [Float]) {
    self.init(count: values.count)
    for index in values.indices { base[index] = values[index] }
  }

  deinit { base.deallocate() }

  func clear() { base.update(repeating: 0, count: count) }

  var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
}

/// Memory for one pass over a shard, used again by the next.
///
/// Activations of a step are tens of megabytes: taking them from the system each time costs more
/// in page faults than some of the arithmetic.
final class Arena {
  private var blocks: [FloatBuffer] = []
  private var current = 0
  private var used = 0

  /// Floats with whatever was there before; valid until `reset()`.
  func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    while current < blocks.count {
      if used + count <= blocks[current].count {
        defer { used += count }
        return blocks[current].base + used
      }
      current += 1
      used = 0
    }
    blocks.append(FloatBuffer(count: max(count, 1 << 20)))
    used = count
    return blocks[current].base
  }

  func takeZeros(_ count: Int) -> UnsafeMutablePointer<Float> {
    let floats = take(count)
    floats.update(repeating: 0, count: count)
    return floats
  }

  func reset() {
    current = 0
    used = 0
  }
}
