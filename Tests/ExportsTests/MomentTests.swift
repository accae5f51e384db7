import Exports
import Testing

@Suite("Moments as others write them")
struct MomentTests {
  @Test(
    "dates around leap days, the epoch and the ends of what four digits hold",
    arguments: [
      (0, "1970-01-01T00:00:00.000+00:00"),
      (-1, "1969-12-31T23:59:59.999+00:00"),
      (951_782_400_000, "2000-02-29T00:00:00.000+00:00"),
      (1_078_012_799_999, "2004-02-28T23:59:59.999+00:00"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000+00:00"),
      (1_795_250_488_171, "2026-11-21T08:41:28.171+00:00"),
      (Int64.min, "0001-01-01T00:00:00.000+00:00"),
      (Int64.max, "9999-12-31T23:59:59.999+00:00"),
    ]
  )
  func dates(milliseconds: Int64, text: String) {
    #expect(Moment(milliseconds: milliseconds).description == text)
  }

  @Test("seconds are added to the millisecond, and what is no time changes nothing")
  func adding() {
    let moment = Moment(milliseconds: 1000)
    #expect(moment.adding(seconds: 0.0015) == Moment(milliseconds: 1002))
    #expect(moment.adding(seconds: -2) == Moment(milliseconds: -1000))
    #expect(moment.adding(seconds: .nan) == moment)
    #expect(moment.adding(seconds: .infinity) == moment)
    #expect(moment.adding(seconds: 1e300) == moment)
  }
}
