import Primitives
import Testing

@Suite struct MoneyTests {
  @Test(arguments: [
    (0, "0.00 USD"), (20_000_000_000, "20.00 USD"), (12_345_678_901, "12.35 USD"),
    (999_999_999, "1.00 USD"), (123_456_789, "0.12 USD"), (12_345_678, "0.012 USD"),
    (53, "0.000000053 USD"), (1, "0.000000001 USD"), (-1_500_000_000, "-1.50 USD"),
  ])
  func amountsShowTwoDigitsThatCount(nanos: Int, text: String) {
    #expect(Money(nanos: Int64(nanos)).description == text)
  }

  @Test func tokensCostTheirPriceToTheBillionth() {
    #expect(Money(tokens: 1_000_000, perMillion: 5.33) == Money(usd: 5.33))
    #expect(Money(tokens: 1, perMillion: 0.05).nanos == 50)
    let single = Money(tokens: 7, perMillion: 0.05)
    let sum = (0..<1_000_000).reduce(Money.zero) { sum, _ in sum + single }
    #expect(sum == Money(tokens: 7_000_000, perMillion: 0.05))
  }

  @Test func sumsBeyondTheLargestAmountStayThere() {
    #expect(Money(nanos: .max) + Money(nanos: 1) == Money(nanos: .max))
    #expect(Money(nanos: .min) - Money(nanos: 1) == Money(nanos: .min))
    #expect(Money(usd: .infinity) == Money(nanos: .max))
  }
}
