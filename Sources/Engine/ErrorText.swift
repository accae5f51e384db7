import Diagnostics

/// Errors of any layer as one line for people.
package enum ErrorText {
  package static func of(_ error: any Error) -> String {
    switch error {
    case let problem as Problem: text(problem)
    case let problems as Problems: problems.all.map(text).joined(separator: "; ")
    default: "\(error)"
    }
  }

  private static func text(_ problem: Problem) -> String {
    let place = problem.location.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
    let hint = problem.hint.map { " (\($0))" } ?? ""
    return place + problem.message + hint
  }
}
