import Foundation
import Lineage
import Primitives
import Store

/// Finds what the words of `distill lineage` name.
struct LineageSubject {
  /// Hexadecimal digits that name a digest at least.
  private static let leastDigits = 6

  let store: Store
  let tracer: Tracer
  let records: RunRecords

  /// Two words are a run and its instance; one is an instance of the last run, else a file, else a
  /// digest or the start of one.
  ///
  /// - Throws: `LineageError` where it is none of them, or several.
  func find(_ words: [String]) async throws -> Subject {
    if words.count == 2 {
      let run = try await tracer.run(words[0])
      return .instance(try tracer.instance(words[1], in: run), in: run)
    }
    let word = words[0]
    let newest = try await records.newest()
    if let newest, !newest.instances(of: word).isEmpty {
      return .instance(try tracer.instance(word, in: newest), in: newest)
    }
    if FileManager.default.fileExists(atPath: word), !ShareFolder.isFolder(word) {
      return try await find(file: word)
    }
    return try await find(digits: word, newest)
  }

  private func find(file path: String) async throws -> Subject {
    let digest = try await Blocking.run { try FileDigest.of(path) }
    if let subject = try await tracer.subject(digest) { return subject }
    throw LineageError(
      "no run in this store read or made the bytes of '\(path)' (sha256 \(digest.hex))",
      hint: "it may have changed since; 'distill lineage NODE' starts from what a run made"
    )
  }

  private func find(digits: String, _ newest: RecordedRun?) async throws -> Subject {
    let isHex = digits.utf8.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
    guard isHex, digits.utf8.count >= Self.leastDigits, digits.utf8.count <= 64 else {
      throw LineageError(
        "'\(ForeignText.line(digits))' is no instance of the last run, no file and no digest",
        hint: known(newest)
      )
    }
    let found = try await tracer.digests(withPrefix: digits)
    guard found.count <= 1 else {
      throw LineageError(
        "'\(digits)' is the start of \(found.count) digests or more",
        hint: "write more of one: \(found.prefix(5).map(\.hex).joined(separator: ", "))"
      )
    }
    if let digest = found.first, let subject = try await tracer.subject(digest) { return subject }
    if let call = try await store.ledger.calls(CallFilter(keyPrefix: digits), limit: 1).first {
      throw LineageError(
        "'\(digits)' is the key of a call, not of an artifact",
        hint: "'distill calls show \(call.key.hex.prefix(CallText.keyDigits))' shows it"
      )
    }
    throw LineageError(
      "no output, action key or input file of this store begins with '\(digits)'",
      hint: known(newest)
    )
  }

  private func known(_ newest: RecordedRun?) -> String {
    guard let newest else {
      return "no run of this store has a record yet: 'distill run' makes one"
    }
    let names = newest.instances.map(\.id).joined(separator: ", ")
    return "the last run, \(newest.id), has \(names)"
  }
}

/// The digest of a file that may be large.
enum FileDigest {
  /// Blocking.
  static func of(_ path: String) throws -> Digest {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw SystemError("open", path: path)
    }
    defer { try? file.close() }
    var hasher = SHA256Hasher()
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
      hasher.update([UInt8](piece))
    }
    return hasher.finalize()
  }
}
