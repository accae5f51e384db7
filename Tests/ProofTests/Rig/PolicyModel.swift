/// What the policy of retries says that a sequence of faults comes to: a second telling of
/// docs/design.md ("Calls"), by counting, without clocks or a network.
struct PolicyModel {
  enum Class: CaseIterable {
    /// 429 with a short wait: asked again, and not counted.
    case wait
    /// 500, 503, 408: asked again, six sendings in all.
    case refused
    /// It may have been charged: sent again once, ever.
    case inDoubt
    /// An answer about this row: kept.
    case final
    /// Nothing more is sent to this endpoint.
    case stop
    /// The same, and the run waits for the user.
    case pause

    /// Faults of the toll server that are of this class.
    var faults: [String] {
      switch self {
      case .wait: ["rate-limit-ms"]
      case .refused: ["server-error"]
      case .inDoubt:
        // A small request is with the kernel as a whole before the server resets amid it.
        [
          "reset-before-reading", "reset-inside-request", "reset-before-charge",
          "close-before-charge", "reset-after-charge", "close-after-charge",
          "bad-gateway", "gateway-timeout", "reset-inside-headers", "reset-inside-answer",
          "close-inside-answer", "short-body", "chunks-cut", "html", "error-inside", "empty-body",
          "truncated-json",
        ]
      case .final: ["too-large", "unprocessable"]
      case .stop: ["unauthorized", "forbidden", "not-found", "redirect"]
      case .pause: ["quota", "rate-limit-long"]
      }
    }
  }

  /// What a run of one call comes to.
  struct End: Equatable {
    var sent = 0
    var status: Int32 = 0
    var outcomes: [String: Int] = [:]
    var inDoubt = 0
  }

  /// The end of a run whose sendings meet these faults, and none after them.
  static func end(_ faults: [Class]) -> End {
    var end = End()
    var counted = 0
    var doubts = 0
    for fault in faults {
      end.sent += 1
      switch fault {
      case .wait: end.outcomes["declined", default: 0] += 1
      case .refused:
        end.outcomes["declined", default: 0] += 1
        counted += 1
        if counted == 6 {
          end.status = 1
          return end
        }
      case .inDoubt:
        counted += 1
        doubts += 1
        if doubts == 2 {
          end.inDoubt = 1
          end.status = 1
          return end
        }
        end.outcomes["lost"] = 1
      case .final:
        end.outcomes["rejected"] = 1
        // A node all of whose rows were rejected fails; here it has one row.
        end.status = 1
        return end
      case .stop, .pause:
        end.outcomes["declined", default: 0] += 1
        end.status = fault == .stop ? 1 : 4
        return end
      }
    }
    end.sent += 1
    end.outcomes["answered"] = 1
    return end
  }
}
