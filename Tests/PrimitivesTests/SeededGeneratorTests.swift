import Primitives
import Testing

/// The values come from a separate implementation of the cited algorithms in Python; they must
/// never change, since shuffles and slices in recorded runs depend on them.
@Suite("Seeded random numbers")
struct SeededGeneratorTests {
  @Test(
    "the first words of a seed",
    arguments: [
      (
        UInt64(0),
        [
          0x99ec_5f36_cb75_f2b4, 0xbf6e_1f78_4956_452a, 0x1a5f_849d_4933_e6e0,
          0x6aa5_94f1_262d_2d2c,
        ]
      ),
      (
        7,
        [
          0xb358_faf7_4ef9_765a, 0x475c_3d96_4f48_2cd2, 0xd6f1_d349_952c_7996,
          0xfb29_3873_1e80_7240,
        ]
      ),
      (
        .max,
        [
          0x8f55_20d5_2a7e_ad08, 0xc476_a018_caa1_802d, 0x81de_31c0_d260_469e,
          0xbf65_8d7e_065f_3c2f,
        ]
      ),
    ] as [(UInt64, [UInt64])]
  )
  func words(seed: UInt64, expected: [UInt64]) {
    var generator = SeededGenerator(seed: seed)
    #expect(expected.map { _ in generator.next() } == expected)
  }

  @Test("a label makes a stream of its own, from the seed as a signed number")
  func labels() {
    var rows = SeededGenerator(seed: 7, label: "rows")
    #expect(rows.next() == 0xac94_dec0_008b_94ad)
    #expect(rows.next() == 0x5bde_9dd2_e124_f463)
    var negative = SeededGenerator(seed: -1, label: "rows")
    #expect(negative.next() == 0x8eff_d43a_0e89_7c8b)
    #expect(negative.next() == 0x4735_2864_f5d7_733f)
  }

  @Test("whole numbers below a bound")
  func below() {
    var generator = SeededGenerator(seed: 7)
    let digits = (0..<12).map { _ in generator.below(10) }
    #expect(digits == [7, 2, 8, 9, 9, 8, 0, 1, 4, 1, 5, 7])
    #expect((0..<10).allSatisfy { _ in generator.below(1) == 0 })
  }

  @Test("a bound just above a quarter of the range rejects the biased words")
  func rejection() {
    var generator = SeededGenerator(seed: 7)
    let numbers = (0..<4).map { _ in generator.below(4_611_686_018_427_387_905) }
    #expect(
      numbers == [
        1_285_513_147_583_695_668, 3_872_098_226_623_159_910, 4_524_514_661_162_294_416,
        4_569_536_494_109_524_166,
      ]
    )
  }

  @Test("fractions below one")
  func unit() {
    var generator = SeededGenerator(seed: 7)
    #expect(generator.unit() == 0.7005764821796896)
    #expect(generator.unit() == 0.2787512294737843)
    #expect(generator.unit() == 0.8396274618764198)
    #expect((0..<10_000).allSatisfy { _ in (0..<1).contains(generator.unit()) })
  }

  @Test("a shuffle, and that short lists draw nothing")
  func shuffle() {
    var generator = SeededGenerator(seed: 7)
    var numbers = Array(0..<10)
    generator.shuffle(&numbers)
    #expect(numbers == [1, 8, 3, 0, 4, 5, 9, 6, 2, 7])

    var fresh = SeededGenerator(seed: 7)
    var empty: [Int] = []
    var one = [5]
    fresh.shuffle(&empty)
    fresh.shuffle(&one)
    #expect(one == [5])
    #expect(fresh.next() == 0xb358_faf7_4ef9_765a)
  }

  @Test("every order of four comes about equally often")
  func shuffleIsEven() {
    var generator = SeededGenerator(seed: 1)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<24_000 {
      var numbers = [0, 1, 2, 3]
      generator.shuffle(&numbers)
      counts[numbers, default: 0] += 1
    }
    // Standard deviation of a count is about 31; the seed is fixed, so the outcome is too.
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { (850...1_150).contains($0) })
  }
}
