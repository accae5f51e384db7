import Primitives

/// The sums by which a run's record and events tell that a byte of them changed.
///
/// They stand in the files as their last members, and cover the very bytes before them, so that a
/// changed digest, price or time is found although the file still parses.
enum RunSeal {
  /// Records of this version and later are sealed, and their runs' events summed.
  private static let firstVersion: Int64 = 2
  /// Hexadecimal digits of a record's seal; other than a digest's, so that nobody takes it for one.
  private static let sealDigits = 32
  /// Hexadecimal digits of a line's sum.
  private static let sumDigits = 8

  // MARK: Records

  /// The bytes of `run.json`.
  static func seal(_ record: JSON) -> [UInt8] {
    let text = Array(record.prettyText.utf8.dropLast("\n}".utf8.count))
    return text + tail(of: text)
  }

  /// The record in a file's bytes, without its seal; for people, what is wrong where there is none.
  static func open(_ bytes: [UInt8]) -> Result<JSON, DamagedRecord> {
    let json: JSON
    do {
      json = try JSON(parsing: bytes)
    } catch {
      return .failure(DamagedRecord(reason: "\(error)"))
    }
    guard var members = json.object, isSealed(json) else { return .success(json) }
    let end = tail(of: [])
    let covered = bytes.dropLast(end.count)
    guard bytes.suffix(end.count).elementsEqual(tail(of: covered)) else {
      return .failure(DamagedRecord(reason: "its bytes are not those that its seal was made of"))
    }
    members["seal"] = nil
    return .success(.object(members))
  }

  /// What parses and is of no version that had no seal is taken for one that has, so that a changed
  /// byte of its version does not hide the others.
  static func isSealed(_ record: JSON) -> Bool {
    guard record["seal"] == nil, let version = record["version"]?.integer else { return true }
    return version >= firstVersion
  }

  private static func tail(of text: some Sequence<UInt8>) -> [UInt8] {
    Array(",\n  \"seal\": \"\(Digest(of: text).hex.prefix(sealDigits))\"\n}\n".utf8)
  }

  // MARK: Events

  /// A line of events, with its end.
  static func line(_ event: JSON) -> [UInt8] {
    let text = Array(event.compactText.utf8.dropLast())
    return text + sum(of: text) + [0x0A]
  }

  /// The event in a line without its end; nil if the line does not read.
  ///
  /// `mustHaveSum` is false where nothing says that the line is of a release that summed them.
  static func event(in line: some BidirectionalCollection<UInt8>, mustHaveSum: Bool) -> JSON? {
    guard let json = try? JSON(parsing: Array(line)), var members = json.object else { return nil }
    let end = sum(of: [])
    let isWhole = line.suffix(end.count).elementsEqual(sum(of: line.dropLast(end.count)))
    guard isWhole || (!mustHaveSum && members["sum"] == nil) else { return nil }
    members["sum"] = nil
    return .object(members)
  }

  private static func sum(of text: some Sequence<UInt8>) -> [UInt8] {
    Array(",\"sum\":\"\(Digest(of: text).hex.prefix(sumDigits))\"}".utf8)
  }
}

/// Why a run's record cannot be read.
struct DamagedRecord: Error {
  let reason: String
}
