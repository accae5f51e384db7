/// Why the inputs of a run cannot be pinned.
package enum PinError: Error, Hashable, Sendable, CustomStringConvertible {
  case changed(InputChange)
  case git(GitError)

  package var description: String {
    switch self {
    case .changed(let change): change.description
    case .git(let error): error.description
    }
  }

  /// What to do next.
  package var hint: String? {
    switch self {
    case .changed: "run again once nothing writes to it"
    case .git(let error): error.hint
    }
  }
}

/// An input that is no longer what the run read.
package struct InputChange: Hashable, Sendable, CustomStringConvertible {
  /// As it was asked for.
  package let path: String
  package let description: String

  init(_ path: String, _ what: String) {
    self.path = path
    description = "input '\(path)' changed while the run was being pinned: \(what)"
  }
}
