import Primitives

/// A row of the fault matrix (docs/promises.md): what one fault of the toll server must come to.
struct FaultRow: Sendable {
  enum End: Sendable, Equatable {
    /// The call is sent again, and every row has its answer.
    case sentAgain
    /// The faulty answer is an answer, in this state.
    case state(String)
    /// The run stops sending and pauses: exit code 4.
    case pause
    /// The run stops sending: exit code 1.
    case stop
  }

  let fault: String
  /// The fault as a script has it, with its settings.
  let script: JSON
  let end: End
  /// Whether a sending that meets the fault is charged.
  let charges: Bool
  /// How long a call may take, in seconds, where the fault stalls.
  let timeout: Int?

  init(
    _ fault: String,
    _ end: End,
    charges: Bool = false,
    _ settings: [(String, JSON)] = [],
    timeout: Int? = nil
  ) {
    self.fault = fault
    self.end = end
    self.charges = charges
    self.timeout = timeout
    script =
      settings.isEmpty
      ? .string(fault) : .object(JSONObject([("fault", .string(fault))] + settings))
  }

  static let all: [FaultRow] = refusals + connections + invalid + oddities + states

  /// 4xx and 5xx: nothing was charged.
  private static let refusals = [
    FaultRow("rate-limit", .sentAgain),
    FaultRow("rate-limit-date", .sentAgain),
    FaultRow("rate-limit-long", .pause),
    FaultRow("rate-limit-bare", .sentAgain),
    FaultRow("rate-limit-garbage", .sentAgain),
    FaultRow("rate-limit-ms", .sentAgain),
    FaultRow("quota", .pause),
    FaultRow("server-error", .sentAgain),
    FaultRow("overloaded", .sentAgain),
    FaultRow("unauthorized", .stop),
    FaultRow("forbidden", .stop),
    FaultRow("not-found", .stop),
    FaultRow("redirect", .stop),
    FaultRow("too-large", .state("rejected")),
    FaultRow("unprocessable", .state("rejected")),
  ]

  /// Connections that break or stall: before the charge, and after it.
  private static let connections = [
    FaultRow("reset-before-reading", .sentAgain),
    FaultRow("reset-inside-request", .sentAgain),
    FaultRow("reset-before-charge", .sentAgain),
    FaultRow("close-before-charge", .sentAgain),
    FaultRow("stall-before-charge", .sentAgain, timeout: 2),
    FaultRow("reset-after-charge", .sentAgain, charges: true),
    FaultRow("close-after-charge", .sentAgain, charges: true),
    FaultRow("stall-before-headers", .sentAgain, charges: true, timeout: 2),
    FaultRow("bad-gateway", .sentAgain, charges: true),
    FaultRow("gateway-timeout", .sentAgain, charges: true),
    FaultRow("reset-inside-headers", .sentAgain, charges: true),
    FaultRow("reset-inside-answer", .sentAgain, charges: true),
    FaultRow("close-inside-answer", .sentAgain, charges: true),
    FaultRow("stall-inside-answer", .sentAgain, charges: true, timeout: 2),
    FaultRow("drip", .sentAgain, charges: true, timeout: 2),
    FaultRow("short-body", .sentAgain, charges: true),
    FaultRow("chunks-cut", .sentAgain, charges: true),
  ]

  /// 200 with something that is no answer: in doubt, since it may have been paid.
  private static let invalid = [
    FaultRow("html", .sentAgain, charges: true),
    FaultRow("error-inside", .sentAgain, charges: true),
    FaultRow("empty-body", .sentAgain, charges: true),
    FaultRow("truncated-json", .sentAgain, charges: true),
    FaultRow("invalid-utf8", .sentAgain, charges: true),
    FaultRow("raw-nul", .sentAgain, charges: true),
    FaultRow("lone-surrogate", .sentAgain, charges: true),
    FaultRow("duplicate-keys", .sentAgain, charges: true),
    FaultRow("deep-json", .sentAgain, charges: true),
    FaultRow("nan", .sentAgain, charges: true),
    FaultRow("no-choices", .sentAgain, charges: true),
    // Beyond what a double holds.
    FaultRow("huge-numbers", .sentAgain, charges: true),
    // It is not unpacked, since the tool asks for no compression.
    FaultRow("gzip-bomb", .sentAgain, charges: true),
  ]

  /// Answers that are odd and whole.
  private static let oddities = [
    FaultRow("long-body", .state("answered"), charges: true),
    FaultRow("close-after-answer", .state("answered"), charges: true),
    FaultRow("drip", .state("answered"), charges: true, [("ms", 2)]),
    FaultRow("bom", .state("answered"), charges: true),
    FaultRow("nul", .state("answered"), charges: true),
    // Ten megabytes are kept whole; the server makes them by repeating itself.
    FaultRow("huge", .state("looped"), charges: true),
    // A gigabyte is cut off and paid for, and would be as large the next time.
    FaultRow("endless", .state("rejected"), charges: true),
    FaultRow("no-usage", .state("answered"), charges: true),
    FaultRow("negative-usage", .state("answered"), charges: true),
    FaultRow("wrong-model", .state("answered"), charges: true),
    FaultRow("no-model", .state("answered"), charges: true),
    FaultRow("other-id", .state("answered"), charges: true),
    FaultRow("swapped", .state("answered"), charges: true),
  ]

  /// P7: answers with a state of their own.
  private static let states = [
    FaultRow("finish-reason", .state("truncated"), charges: true),
    FaultRow("finish-null", .state("unknown-finish"), charges: true),
    FaultRow("content-filter", .state("filtered"), charges: true),
    FaultRow("tool-calls", .state("tool-call"), charges: true),
    FaultRow("null-content", .state("empty"), charges: true),
    FaultRow("refusal", .state("refused"), charges: true),
    FaultRow("empty-content", .state("empty"), charges: true),
    FaultRow("whitespace", .state("empty"), charges: true),
    FaultRow("loop", .state("looped"), charges: true),
  ]
}
