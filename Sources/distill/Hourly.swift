import Foundation
import ModelService
import Primitives
import Store

/// What a deployment costs by the hour, from its creation to its deletion.
struct Hourly {
  /// USD; nil is unknown.
  let price: Double?
  private let hours: Double
  private let hasEnded: Bool

  /// Nil for jobs that are no deployments.
  init?(_ job: RemoteJob, now: Date = Date()) {
    guard job.kind == .deployment else { return nil }
    price = RemoteJobDetail(json: job.detail).more["hourly_usd"]?.number
    hasEnded = !OpenJobs.goesOn(job)
    let end = hasEnded ? Double(job.updatedAt) / 1000 : now.timeIntervalSince1970
    hours = max(0, end - Double(job.createdAt) / 1000) / 3600
  }

  /// `1.70 USD an hour`.
  var rate: String {
    price.map { "\(Money(usd: $0)) an hour" } ?? "by the hour, how much is unknown"
  }

  var text: String {
    guard let price else { return hasEnded ? "cost unknown" : rate }
    let soFar = Money(usd: price * hours)
    return hasEnded ? "\(soFar) in all" : "\(rate), \(soFar) so far"
  }
}
