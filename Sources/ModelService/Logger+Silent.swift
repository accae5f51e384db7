package import Logging

extension Logger {
  /// Says nothing: for callers that have nowhere to say it.
  package static let silent = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }
}
