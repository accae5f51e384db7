import Logging
import Primitives
import Store

extension BatchService {
  /// Does with a call in doubt what the policy says; as for calls online.
  func settle(
    _ doubt: InDoubtCall,
    _ endpoint: ModelEndpoint,
    _ desk: inout BatchDesk,
    _ report: inout BatchReport
  ) async throws {
    let mayResend =
      switch policy.inDoubt {
      case .once: doubt.resends == 0
      case .resend: desk.resent.insert(doubt.key).inserted
      case .ask, .skip: false
      }
    if policy.inDoubt == .skip {
      if try await ledger.skip(doubt, body: Answer(.skipped).json.canonical) {
        desk.made.insert(doubt.key)
      }
      return
    }
    guard mayResend else {
      report.failures[doubt.key] = .inDoubt(
        CallTrouble(
          key: doubt.key,
          attempts: 0,
          message: desk.messages[doubt.key] ?? "an earlier run ended before its answer was recorded"
        )
      )
      return
    }
    log.warning(
      "sending a call in doubt again; it may be paid twice",
      metadata: ["call": "\(doubt.key.short)", "model": "\(endpoint.name)"]
    )
    // The next round claims it.
    _ = try await ledger.allowResend(doubt)
  }
}
