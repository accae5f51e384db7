import Foundation
import Primitives
import TestSupport
import Testing

/// P20: what a run's record says of its origin is so, by git's own word, and can be had again.
@Suite("P20", .serialized)
struct P20Tests {
  private let server: TollServer

  init() throws { server = try TollServer() }

  // MARK: States

  @Test("every state of a repository is recorded as git sees it, and comes back from the record")
  func states() throws {
    var proof = Proof("P20 states")
    for _ in 0..<Proof.count(full: 5, short: 1) {
      for state in RepositoryState.allCases {
        let folder = try TemporaryFolder()
        let text = PinnedWorkflow.text(server.url, "toll-\(proof.random.below(1_000_000))")
        let repository = try state.make(in: folder, workflow: text, rows: PinnedWorkflow.rows)
        let trial = RepositoryTrial(repository, state, seed: proof.seed)
        let run = try trial.record()
        if state != .noRepository { try trial.judgeGit(run) }
        try trial.judgeOrigin(run)
        try trial.comeBack(run, &proof)
        proof.count("states")
      }
    }
    try proof.report()
  }

  // MARK: Refusals

  @Test("bare, named by SHA-256, another user's: refused before anything is sent, and how to go on")
  func refusals() throws {
    var proof = Proof("P20 refusals")
    for kind in ["bare", "sha256", "foreign"] {
      if kind == "foreign", geteuid() != 0 { continue }
      let folder = try TemporaryFolder()
      let repository = try RepositoryState.clean.make(
        in: folder,
        workflow: PinnedWorkflow.text(server.url, "toll"),
        rows: PinnedWorkflow.rows
      )
      let path = try refused(kind, repository, folder)
      let bytes = server.bytes
      // Root's own settings may allow every folder.
      let home = try TemporaryFolder()
      let run = try Tool.run(
        ["run", "w.yaml", "--cache", home.path + "/cache"],
        in: path,
        environment: ["HOME": home.path, "SUDO_UID": "", "XDG_CONFIG_HOME": home.path]
      )
      #expect([1, 2].contains(run.status), "\(kind): \(run.error)")
      let wanted = [
        "bare": "git worktree add", "sha256": "SHA-256",
        "foreign": "git config --global --add safe.directory '\(path)'",
      ]
      #expect(run.error.contains(wanted[kind] ?? ""), "\(kind): \(run.error)")
      #expect(run.error.contains("hint:"), "\(kind): \(run.error)")
      #expect(server.bytes == bytes, "\(kind): something was sent")
      proof.count("refusals")
      guard kind == "foreign" else { continue }
      // The very line that was printed is what is needed.
      try home.write("[safe]\n\tdirectory = \(path)\n", to: ".gitconfig")
      let allowed = try Tool.run(
        ["run", "w.yaml", "--cache", home.path + "/cache"],
        in: path,
        environment: ["HOME": home.path, "SUDO_UID": "", "XDG_CONFIG_HOME": home.path]
      )
      #expect(allowed.status == 0, "\(kind): \(allowed.error)")
    }
    try proof.report()
  }

  private func refused(
    _ kind: String,
    _ repository: GitRepository,
    _ folder: TemporaryFolder
  ) throws -> String {
    let other = GitRepository(path: "\(folder.path)/refused")
    switch kind {
    case "bare": try repository.git("clone", "-q", "--bare", repository.path, other.path)
    case "sha256":
      try FileManager.default.createDirectory(atPath: other.path, withIntermediateDirectories: true)
      try other.git("init", "-q", "--object-format=sha256")
    default:
      for name in ["", "/.git"] {
        try FileManager.default.setAttributes(
          [.ownerAccountID: 12345],
          ofItemAtPath: repository.path + name
        )
      }
      return repository.path
    }
    for file in ["w.yaml", "notes.txt", "data/rows.jsonl"] {
      let text = try String(
        decoding: Data(contentsOf: URL(fileURLWithPath: "\(repository.path)/\(file)")),
        as: UTF8.self
      )
      try other.write(text, to: file)
    }
    return other.path
  }
}
