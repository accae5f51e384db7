/// An address of the API, whatever the method.
package enum Route: Hashable, Sendable {
  case chat
  case models
  case model(String)
  case files
  case file(String)
  case fileContent(String)
  case jobs
  case job(String)
  case jobEvents(String)
  case jobCheckpoints(String)
  case jobCancel(String)

  /// Finds the address in a path's decoded parts; nil where nothing is offered.
  package init?(_ segments: [String]) {
    guard segments.first == "v1" else { return nil }
    let path = Array(segments.dropFirst())
    let route: Route? =
      switch path.first {
      case "chat": path == ["chat", "completions"] ? .chat : nil
      case "models": Self.model(Array(path.dropFirst()))
      case "files": Self.file(Array(path.dropFirst()))
      case "fine_tuning" where path.dropFirst().first == "jobs": Self.job(Array(path.dropFirst(2)))
      default: nil
      }
    guard let route else { return nil }
    self = route
  }

  private static func model(_ path: [String]) -> Route? {
    switch path.count {
    case 0: .models
    case 1: .model(path[0])
    default: nil
    }
  }

  private static func file(_ path: [String]) -> Route? {
    switch path.count {
    case 0: .files
    case 1: .file(path[0])
    case 2 where path[1] == "content": .fileContent(path[0])
    default: nil
    }
  }

  private static func job(_ path: [String]) -> Route? {
    switch path.count {
    case 0: .jobs
    case 1: .job(path[0])
    case 2 where path[1] == "events": .jobEvents(path[0])
    case 2 where path[1] == "checkpoints": .jobCheckpoints(path[0])
    case 2 where path[1] == "cancel": .jobCancel(path[0])
    default: nil
    }
  }

  /// What the address can be asked with.
  package var methods: [String] {
    switch self {
    case .chat, .jobCancel: ["POST"]
    case .files, .jobs: ["GET", "POST"]
    case .file: ["GET", "DELETE"]
    case .models, .model, .fileContent, .job, .jobEvents, .jobCheckpoints: ["GET"]
    }
  }
}
