package import Primitives

/// A line of a job's log.
package struct FineTuningEvent: Equatable, Sendable {
  package let id: String
  /// `info`, `warn`, `error`.
  package let level: String
  package let message: String
  /// Figures, for events of type `metrics`.
  package let data: JSON?

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, let message = json["message"]?.string else { return nil }
    self.id = id
    self.message = ForeignText.shown(message)
    level = json["level"]?.string ?? "info"
    data = json["data"]?.object.flatMap { $0.isEmpty ? nil : .object($0) }
  }
}
