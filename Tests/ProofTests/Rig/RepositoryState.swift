import Foundation
import TestSupport

/// The states that a repository may be in when a workflow runs in it.
enum RepositoryState: String, CaseIterable {
  case clean, dirty, detached, shallow, worktree, submodule
  case stagedOnly = "staged only"
  case untracked, ignored
  case noRepository = "no repository"
  case noCommit = "no commit yet"
  case rewritten = "history rewritten afterwards"

  /// Whether bytes of an input are in no commit, though git looks after such a file.
  var isDirty: Bool {
    switch self {
    case .dirty, .stagedOnly, .untracked, .noCommit: true
    default: false
    }
  }

  /// Whether another clone gets all that a run needs by its ref alone.
  var isWholeInGit: Bool { self != .ignored && self != .noRepository && self != .submodule }

  /// Makes a repository with the workflow in this state, below a folder; gives where it lies.
  func make(in folder: TemporaryFolder, workflow: String, rows: String) throws -> GitRepository {
    let first = GitRepository(path: "\(folder.path)/first")
    try FileManager.default.createDirectory(atPath: first.path, withIntermediateDirectories: true)
    try first.write("cache/\nresults/\n*.secret\n", to: ".gitignore")
    try first.write(workflow, to: "w.yaml")
    try first.write(rows, to: "data/rows.jsonl")
    try first.write("one\n", to: "notes.txt")
    guard self != .noRepository else { return first }
    try first.git("init", "-q", "-b", "main")
    guard self != .noCommit else { return first }
    try first.commit("First")
    try first.commit("Second")
    return try change(first, workflow, folder)
  }

  private func change(
    _ first: GitRepository,
    _ workflow: String,
    _ folder: TemporaryFolder
  ) throws -> GitRepository {
    let other = GitRepository(path: "\(folder.path)/other")
    switch self {
    case .dirty: try first.write("two\n", to: "notes.txt")
    case .stagedOnly:
      try first.write("staged\n", to: "notes.txt")
      try first.git("add", "notes.txt")
    case .untracked:
      try first.write("new\n", to: "new.txt")
      try first.write(workflow.replacingOccurrences(of: "notes.txt", with: "new.txt"), to: "w.yaml")
      try first.git("commit", "-q", "-m", "Third", "w.yaml")
    case .ignored:
      try first.write("not for git\n", to: "notes.secret")
      try first.write(
        workflow.replacingOccurrences(of: "notes.txt", with: "notes.secret"),
        to: "w.yaml"
      )
      try first.git("commit", "-q", "-m", "Third", "w.yaml")
    case .detached: try first.git("checkout", "-q", "--detach", "HEAD~1")
    case .shallow:
      try first.git("clone", "-q", "--depth", "1", "file://\(first.path)", other.path)
      return other
    case .worktree:
      try first.git("worktree", "add", "-q", "-b", "side", other.path)
      return other
    case .submodule:
      try FileManager.default.createDirectory(atPath: other.path, withIntermediateDirectories: true)
      try other.git("init", "-q", "-b", "main")
      try other.write("from the submodule\n", to: "notes.txt")
      try other.commit("Its first")
      try first.git("submodule", "--quiet", "add", other.path, "module")
      try first.write(
        workflow.replacingOccurrences(of: "notes.txt", with: "module/notes.txt"),
        to: "w.yaml"
      )
      try first.commit("Third")
    case .clean, .rewritten, .noRepository, .noCommit: break
    }
    return first
  }
}
