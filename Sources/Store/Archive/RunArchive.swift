import Primitives

/// What is in an archive of a run, by which names.
enum RunArchive {
  static let format = 1
  /// The last entry: what the archive is, and every other entry with its size and digest.
  static let manifest = "distill-run.json"
  static let results = "results.jsonl"
  /// Lines of calls are put together up to about so many bytes.
  static let callsPerEntry = 4 << 20
  /// The most that an entry other than an object may have.
  static let largestText = 256 << 20
  static let mostEntries = 10_000_000

  enum Name {
    case manifest
    case results
    case calls
    case object(Digest)
    /// A file of the run's folder, relative to it.
    case file(run: String, name: String)
  }

  static func calls(_ number: Int) -> String {
    let digits = String(number)
    return "calls/\(String(repeating: "0", count: max(0, 6 - digits.utf8.count)))\(digits).jsonl"
  }

  static func object(_ digest: Digest) -> String {
    "objects/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
  }

  /// What a name stands for; nil for any that no archive has.
  ///
  /// So nothing is ever written but to places that are made up here: no `..`, no absolute path.
  static func read(_ name: String) -> Name? {
    if UTF8Order.equal(name, manifest) { return .manifest }
    if UTF8Order.equal(name, results) { return .results }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch (parts.first, parts.count) {
    case ("calls", 2):
      let digits = parts[1].dropLast(6)
      guard parts[1].hasSuffix(".jsonl"), digits.utf8.count >= 6,
        digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
      else { return nil }
      return .calls
    case ("objects", 3):
      guard parts[1].utf8.count == 2 else { return nil }
      return Digest(hex: parts[1] + parts[2]).map { .object($0) }
    case ("runs", 3) where RunFolder.isID(parts[1]) && RunFolder.files.contains(parts[2]):
      return .file(run: parts[1], name: parts[2])
    case ("runs", 4)
    where RunFolder.isID(parts[1]) && parts[2] == "logs" && RunFolder.isLogName(parts[3]):
      return .file(run: parts[1], name: "logs/\(parts[3])")
    default: return nil
    }
  }
}

extension RunFolder {
  /// The files that a run's folder has, beside its logs.
  static let files = ["run.json", "events.jsonl", "missing.jsonl"]

  /// Whether a name can be one that `logPath` gives.
  static func isLogName(_ name: String) -> Bool {
    name.hasSuffix(".log") && name.utf8.count <= 140 && !name.hasPrefix(".")
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "@"), UInt8(ascii: "-"),
          UInt8(ascii: "_"), UInt8(ascii: "="), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// Names of the files that are there, relative to the folder, sorted.
  func presentFiles() throws(StoreError) -> [String] {
    let files = RunFolder.files.filter { FileSystem.size(ofPlainFileAt: "\(path)/\($0)") != nil }
    let logs = try (FileSystem.names(in: "\(path)/logs") ?? []).filter { name in
      RunFolder.isLogName(name) && FileSystem.size(ofPlainFileAt: "\(path)/logs/\(name)") != nil
    }
    return (files + logs.map { "logs/\($0)" }).sorted(by: UTF8Order.less)
  }
}

/// A result as a line of an archive.
extension ResultRecord {
  var archiveJSON: JSON {
    [
      "key": .string(key.hex), "kind": .string(kind), "run": .string(runID),
      "made_at": .integer(madeAt), "facts": facts,
      "outputs": .array(
        outputs.map { output in
          [
            "part": .string(output.part), "sha256": .string(output.object.digest.hex),
            "size": JSON(output.object.size),
          ]
        }
      ),
    ]
  }

  init?(archived json: JSON) {
    guard let key = (json["key"]?.string).flatMap({ Digest(hex: $0) }),
      let kind = json["kind"]?.string, let run = json["run"]?.string,
      let madeAt = json["made_at"]?.integer, let facts = json["facts"],
      let outputs = json["outputs"]?.array
    else { return nil }
    let parts = outputs.compactMap { output -> (part: String, object: ObjectRef)? in
      guard let part = output["part"]?.string, Self.isPartName(part),
        let size = output["size"]?.int, size >= 0,
        let digest = (output["sha256"]?.string).flatMap({ Digest(hex: $0) })
      else { return nil }
      return (part, ObjectRef(digest: digest, size: size))
    }
    guard parts.count == outputs.count else { return nil }
    self.init(key: key, kind: kind, outputs: parts, facts: facts, runID: run, madeAt: madeAt)
  }

  /// Whether a part has a name such as kinds give: some write files of their parts' names.
  private static func isPartName(_ name: String) -> Bool {
    !name.utf8.contains { $0 < 0x20 || $0 == 0x7F }
      && name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .allSatisfy { step in
          !step.isEmpty && !step.elementsEqual(".".utf8) && !step.elementsEqual("..".utf8)
        }
  }
}

/// What an archive holds, or what came of taking one over.
package struct ArchiveReport: Sendable {
  package internal(set) var run = ""
  package internal(set) var objects = 0
  package internal(set) var bytes = 0
  package internal(set) var results = 0
  package internal(set) var calls = 0
  package internal(set) var answers = 0
  /// Calls that are under way or in doubt: they are not in an archive.
  package internal(set) var openCalls = 0
  /// On import: attempts that the store did not have.
  package internal(set) var newAttempts = 0
  /// On import: calls that had another answer here.
  ///
  /// It still counts; both are kept.
  package internal(set) var otherAnswers = 0
  /// On import: whether the run was not here before.
  package internal(set) var isNewRun = false
}
