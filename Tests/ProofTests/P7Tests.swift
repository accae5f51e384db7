import Foundation
import Primitives
import TestSupport
import Testing

/// P7: bad answers never become training data silently.
@Suite("P7", .serialized)
struct P7Tests {
  /// What a row's question asks of the server, and the state that the answer must be given.
  private static let kinds: [(fault: String?, state: String)] = [
    (nil, "answered"), (nil, "answered"), (nil, "answered"),
    ("finish-reason finish_reason=length", "truncated"),
    ("content-filter", "filtered"),
    ("tool-calls", "tool-call"),
    ("null-content", "empty"),
    ("empty-content", "empty"),
    ("whitespace", "empty"),
    ("refusal", "refused"),
    ("loop", "looped"),
    ("finish-reason finish_reason=banana", "unknown-finish"),
    ("finish-null", "unknown-finish"),
    ("too-large", "rejected"),
  ]

  @Test("mixed answers of known composition: every state is counted, none is trained on")
  func composition() throws {
    var proof = Proof("P7")
    let rows = Proof.size(full: 2000, short: 280)
    let kinds = (0..<rows).map { _ in Self.kinds[proof.random.below(Self.kinds.count)] }
    let project = try Project(rows: rows) { number in
      Self.question(number, kinds[number].fault)
    }
    let server = try TollServer()
    try project.write(server.url)
    let place: Comment = "seed \(proof.seed)"
    let run = try project.run()
    #expect(run.status == 0, "\(place): \(run.error)")

    let expected = Dictionary(grouping: kinds, by: \.state).mapValues(\.count)
    #expect(try project.counts(of: "answers", "states") == expected, place)
    for (state, count) in expected { proof.count(state, count) }
    let ledger = try Witness().view(cache: project.cache()).outcomes
    #expect(ledger == expected, "\(place): the ledger")
    // Each was paid for at most once, and kept.
    let charged = try server.entries().filter(\.isCharged).count
    #expect(charged == rows - expected["rejected", default: 0], place)

    let good = Set(kinds.indices.filter { kinds[$0].state == "answered" }.map { "row-\($0)" })
    let trained = try project.lines(of: "training", part: "ids").compactMap(\.string)
    #expect(Set(trained) == good && trained.count == good.count, place)
    try withoutBadRows(project, server, kinds.map(\.state), place)

    let before = server.bytes
    #expect(try project.run().status == 0)
    #expect(server.bytes == before, "\(place): a second run sends nothing")
    try proof.report()
  }

  private static func question(_ number: Int, _ fault: String?) -> String {
    "What is \(number) plus 4?" + (fault.map { " [[toll: \($0)]]" } ?? "")
  }

  /// Excluded rows influence nothing downstream: a dataset without them trains on the same bytes.
  private func withoutBadRows(
    _ project: Project,
    _ server: TollServer,
    _ states: [String],
    _ place: Comment
  ) throws {
    let lines = try project.folder.read("rows.jsonl").split(separator: "\n")
    let kept = zip(lines, states).filter { $1 == "answered" }.map { $0.0 + "\n" }.joined()
    let training = try project.digest(of: "training", part: "rows")
    try project.folder.write(kept, to: "rows.jsonl")
    let run = try project.run(cache: "good")
    #expect(run.status == 0, "\(place): \(run.error)")
    #expect(try project.digest(of: "training", part: "rows", cache: "good") == training, place)
    try project.folder.write(lines.map { $0 + "\n" }.joined(), to: "rows.jsonl")
  }
}
