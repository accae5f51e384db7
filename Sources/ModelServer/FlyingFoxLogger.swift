import FlyingSocks
import Logging

/// Hands the HTTP library's messages to the program's logger; by itself it prints to stdout.
struct FlyingFoxLogger: FlyingSocks.Logging {
  let logger: Logger

  func logDebug(_ debug: @autoclosure () -> String) { logger.trace("\(debug())") }
  func logInfo(_ info: @autoclosure () -> String) { logger.debug("\(info())") }
  func logWarning(_ warning: @autoclosure () -> String) { logger.info("\(warning())") }
  // Lost connections and cancelled handlers arrive here; the caller sees them anyway.
  func logError(_ error: @autoclosure () -> String) { logger.debug("\(error())") }
  func logCritical(_ critical: @autoclosure () -> String) { logger.debug("\(critical())") }
}
