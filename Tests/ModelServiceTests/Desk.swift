import ModelService
import Store

/// A governor with a sheet that nobody else uses.
struct Desk {
  let governor: Governor
  var sheet = RateSheet()
  var share = RateShare()

  init(_ limits: CallLimits) { governor = Governor(limits: limits) }

  mutating func admit(_ tokens: Int = 0, at now: Int64) -> Governor.Permit? {
    governor.admit(tokens: tokens, &sheet, &share, RateOthers(), now: now)
  }

  mutating func settle(_ permit: Governor.Permit, _ report: SendReport, at now: Int64) {
    governor.settle(permit, report, &sheet, &share, RateOthers(), now: now)
  }

  /// Takes places until there are none; gives them back with the reports.
  mutating func round(_ effect: SendReport.Effect, at now: Int64) -> Int {
    var permits: [Governor.Permit] = []
    while let permit = admit(at: now) { permits.append(permit) }
    for permit in permits { settle(permit, SendReport(effect: effect), at: now) }
    return permits.count
  }
}
