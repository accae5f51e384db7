package import Primitives
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The files of one run: `run.json`, `events.jsonl`, `logs/`.
package struct RunFolder: Sendable {
  package let id: String
  package let path: String

  /// Whether a name can be a run's: `20261121-021608-4f3a2b`, letters, digits, `-` and `_`.
  static func isID(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix(".")
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  package var recordPath: String { "\(path)/run.json" }
  package var eventsPath: String { "\(path)/events.jsonl" }
  package var missingPath: String { "\(path)/missing.jsonl" }

  /// Replaces the run's record, whole and durable, as the run's events are from then on.
  package func writeRecord(_ record: JSON) async throws(StoreError) {
    let bytes = RunSeal.seal(record)
    try await Blocking.storeWork { () throws(StoreError) in
      if FileSystem.size(ofFileAt: eventsPath) != nil {
        try FileDescriptor(opening: eventsPath, O_RDONLY).synchronize()
      }
      try FileSystem.replace(
        recordPath,
        with: bytes,
        temporary: "\(path)/.run.json-\(Owner.newToken())"
      )
    }
  }

  package func readRecord() async throws(StoreError) -> JSON {
    let bytes = try await Blocking.storeWork { () throws(StoreError) in
      try FileSystem.read(recordPath)
    }
    switch RunSeal.open(bytes) {
    case .success(let record): return record
    case .failure(let damage): throw .damagedFile(path: recordPath, reason: damage.reason)
    }
  }

  /// Appends one line to the run's events, by one write: lines of several tasks never mix.
  package func appendEvent(_ event: JSON) throws(StoreError) {
    try append(RunSeal.line(event), to: eventsPath)
  }

  /// Appends one line to the list of calls that the run was not to make.
  package func appendMissing(_ call: JSON) throws(StoreError) {
    try append(Array((call.compactText + "\n").utf8), to: missingPath)
  }

  /// A write may end short, and the rest of its line must follow before the next one's; what could
  /// not be written whole is taken back.
  private func append(_ line: [UInt8], to path: String) throws(StoreError) {
    try Self.appending.withLock { (_) throws(StoreError) in
      let file = try FileDescriptor(
        opening: path,
        O_WRONLY | O_CREAT | O_APPEND,
        operation: "write"
      )
      let end = lseek(file.raw, 0, SEEK_END)
      do throws(StoreError) {
        try file.write(line)
      } catch {
        ftruncate(file.raw, end)
        throw error
      }
    }
  }

  private static let appending = Mutex(())

  /// The events so far.
  ///
  /// A last line without its end is a write that a kill cut off: no event. Of a run without a record
  /// power loss may have taken lines or left zeros in their place: what does not read is no event.
  package func readEvents() async throws(StoreError) -> [JSON] {
    let lines = try await Blocking.storeWork { () throws(StoreError) in
      try RunFiles.eventLines(self)
    }
    guard lines.damaged.isEmpty || !hasRecord else {
      let numbers = lines.damaged.map(String.init).joined(separator: ", ")
      throw .damagedFile(path: eventsPath, reason: "line \(numbers) does not read")
    }
    return lines.events
  }

  /// Where a log goes: `logs/<name>.log`, what no file name should hold replaced by `_`.
  ///
  /// Names that differ get files that differ: a changed or long one ends in digits of its digest.
  package func logPath(_ name: String) -> String {
    let safe = name.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "@"), UInt8(ascii: "-"),
        UInt8(ascii: "_"), UInt8(ascii: "="):
        byte
      default: UInt8(ascii: "_")
      }
    }
    let text = String(decoding: safe.prefix(120), as: UTF8.self)
    let file = UTF8Order.equal(text, name) ? text : "\(text)-\(Digest(of: name).short)"
    return "\(path)/logs/\(file).log"
  }
}
