import Foundation
import Primitives
import TestSupport
import Testing

/// A store that is made once, and damaged in copies.
struct DamageBed {
  enum Form: String, CaseIterable {
    /// As a run leaves it: all that it did stands in the databases and in their logs too.
    case closed
    /// The same without logs.
    case checkpointed
    /// As a kill amid the calls leaves it: much stands in the logs alone.
    case killed
  }

  static let rows = 20

  let project: Project
  let server: TollServer
  let content: StoreContent
  let form: Form
  /// The store as it is without damage.
  let whole: String
  /// Its files, by their paths in it.
  let files: [String]
  let columns: [String: String]
  /// What the workflow comes to, and what a workflow that goes on from it does.
  let lineage: [String: JSON]
  let further: [String: JSON]
  /// Calls that were recorded.
  let recorded: Int
  /// Calls that were claimed and not recorded when it was killed.
  let underWay: Int

  init(_ form: Form) throws {
    self.form = form
    project = try Project(rows: Self.rows, question: Self.question)
    server = try TollServer(form == .killed ? ["--latency", "5-25"] : [])
    content = try StoreContent()
    whole = project.cache("whole")
    let settings = Project.Settings(concurrency: 4, top: "in_doubt: resend")
    try project.write(server.url, settings)
    try Self.writeFurther(project, server, settings)

    let run = try project.run(cache: "whole")
    try #require(run.status == 0, "\(run.error)")
    lineage = try Self.outputs(project, "whole")
    let more = try Self.run(project, "more.yaml", cache: "whole", "--frozen")
    try #require(more.status == 0, "\(more.output)")
    further = try Self.outputs(project, "whole")
    try FileManager.default.removeItem(atPath: whole)
    // Without the further run, whose results a damaged store would be served from.
    try Self.make(form, project, server)
    let pinned = try project.ask("cache", "pin", "last", cache: "whole")
    try #require(pinned.status == 0 || form == .killed, "\(pinned.error)")
    if form == .checkpointed { try content.checkpoint(whole) }
    let view = try Witness().view(cache: whole)
    recorded = view.recorded.count
    underWay = view.claims.count
    files = try Self.files(in: whole)
    columns = try content.columns(of: whole)
  }

  /// Rows of which one has an answer and one a request that is too long for the ledger.
  private static func question(_ number: Int) -> String {
    switch number {
    case 7: "Say much. [[toll: huge bytes=300000]]"
    case 11: "What is 11 plus 4? " + String(repeating: "Think well. ", count: 25_000)
    default: "What is \(number) plus 4?"
    }
  }

  /// A workflow that reads again what the first one made.
  private static func writeFurther(
    _ project: Project,
    _ server: TollServer,
    _ settings: Project.Settings
  ) throws {
    var settings = settings
    settings.nodes = """
      again: {kind: parse, completions: answers, invalid: keep, fail_above: 100%}
        more: {kind: evaluate, of: again}
        counted:
          kind: command
          shell: 'cat "$answers" "$labels"/* "$training"/* | wc -c > n'
          inputs: {answers: answers, labels: labels, training: training}
          outputs: {n: n}
      """
    try project.write(server.url, to: "more.yaml", settings)
  }

  private static func make(_ form: Form, _ project: Project, _ server: TollServer) throws {
    guard form == .killed else {
      let run = try project.run(cache: "whole")
      return try #require(run.status == 0, "\(run.error)")
    }
    // Twelve charges later the ledger has some answers, and some calls are under way.
    let before = try server.entries().chat.count
    let run = try project.start(cache: "whole")
    while try server.entries().chat.count < before + 12, run.isRunning { usleep(500) }
    try #require(run.killed(), "the run was over before its kill")
  }

  static func run(
    _ project: Project,
    _ workflow: String,
    cache: String,
    _ arguments: String...
  ) throws -> Tool.Result {
    try Tool.run(
      ["run", workflow, "--json", "--cache", project.cache(cache)] + arguments,
      in: project.path
    )
  }

  /// The outputs of each instance of the last run that has some.
  static func outputs(_ project: Project, _ cache: String) throws -> [String: JSON] {
    try project.instances(cache: cache).reduce(into: [:]) { outputs, instance in
      guard let id = instance["id"]?.string, let made = instance["outputs"],
        made.object?.members.isEmpty == false
      else { return }
      outputs[id] = made
    }
  }

  static func files(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
      var facts = stat()
      return lstat("\(folder)/\(name)", &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }
    .sorted()
  }

  func size(of file: String) -> Int {
    var facts = stat()
    return stat("\(whole)/\(file)", &facts) == 0 ? Int(facts.st_size) : 0
  }

  /// Objects that have bytes to damage.
  var objects: [String] { files.filter { $0.hasPrefix("objects/") && size(of: $0) > 0 } }

  /// Whether a file that is gone is a copy of the workflow or of an input file, by which changes
  /// are shown: nothing else is missed (docs/store.md, "Verification").
  func needNotStay(_ file: String, _ damage: Damage) throws -> Bool {
    guard case .gone = damage, file.hasPrefix("objects/") else { return false }
    let digest = String(file.dropFirst("objects/".count).filter { $0 != "/" })
    func names(_ files: [JSON]) -> Bool { files.contains { $0["sha256"]?.string == digest } }
    let outputs = lineage.values.flatMap { $0.object?.members.map(\.value) ?? [] }
    guard !names(outputs) else { return false }
    return try files.filter { $0.hasSuffix("/run.json") }.contains { name in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(whole)/\(name)"))
      let record = try JSON(parsing: Array(bytes))
      return names((record["files"]?.array ?? []) + [record["workflow"]].compactMap(\.self))
    }
  }

  /// The runs of the whole store, as they are shown.
  func runs() throws -> [String: JSON] {
    let listed = try project.ask("runs", cache: "whole").summary["runs"]?.array ?? []
    return try listed.reduce(into: [:]) { runs, run in
      guard let id = run["id"]?.string else { return }
      runs[id] = try project.ask("show", id, cache: "whole").summary
    }
  }

  /// A copy of the store, under the name of a cache of the project.
  func copy(as name: String) throws {
    try? FileManager.default.removeItem(atPath: project.cache(name))
    try FileManager.default.copyItem(atPath: whole, toPath: project.cache(name))
  }

  /// The last page of a transaction in a log.
  struct Commit {
    /// What says that it is one.
    let head: Range<Int>
    let end: Int
  }

  /// Where the transactions of a log end, in order.
  func commits(ofLog file: String) throws -> [Commit] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(whole)/\(file)")))
    guard bytes.count > 32 else { return [] }
    let page = bytes[8..<12].reduce(0) { $0 << 8 | Int($1) }
    var commits: [Commit] = []
    for start in stride(from: 32, to: bytes.count - page - 23, by: page + 24) {
      // A frame of this log has its salt; one that ends a transaction has the database's size.
      guard bytes[start + 8..<start + 16] == bytes[16..<24] else { break }
      if bytes[start + 4..<start + 8] != [0, 0, 0, 0] {
        commits.append(Commit(head: start..<start + 24, end: start + 24 + page))
      }
    }
    return commits
  }
}
