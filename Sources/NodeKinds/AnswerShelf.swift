import Foundation
import Primitives
import Tasks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Recorded answers by key, kept on disk.
///
/// They come in an order of their own, and together they need not fit in memory: of each only its
/// place is held. The file has no name as soon as it is open, so that nothing is left of it whatever happens.
final class AnswerShelf {
  private struct Place {
    let offset: Int
    let length: Int
    /// The place before of the same key; -1 for the first.
    let previous: Int
  }

  private let path: String
  private let descriptor: Int32
  private var places: [Place] = []
  /// The last place of each key, and whether anybody has asked for it.
  private var last: [Digest: (place: Int, isWanted: Bool)] = [:]
  private var buffer: [UInt8] = []
  /// Bytes in the file, without those in the buffer.
  private var written = 0

  private static let bufferSize = 256 * 1024

  /// Opens an empty shelf in a folder for scratch files.
  init(in folder: String) throws {
    path = "\(folder)/answers-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError("create", path: path) }
    unlink(path)
  }

  deinit { close(descriptor) }

  /// Adds an answer behind those of its key.
  func add(_ answer: RecordedAnswer, key: [UInt8]) throws {
    let json: JSON = [
      "row": JSON(answer.row), "text": .string(answer.text),
      "turns": .array(answer.turns.map(JSON.string)),
    ]
    let bytes = json.canonical
    let digest = Digest(of: key)
    places.append(
      Place(
        offset: written + buffer.count,
        length: bytes.count,
        previous: last[digest]?.place ?? -1
      )
    )
    last[digest] = (places.count - 1, false)
    buffer += bytes
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// The answers of a key in the order in which they were added.
  func answers(_ key: [UInt8]) throws -> [RecordedAnswer] {
    try flush()
    let digest = Digest(of: key)
    guard let found = last[digest] else { return [] }
    last[digest] = (found.place, true)
    var answers: [RecordedAnswer] = []
    var place = found.place
    while place >= 0 {
      answers.append(try answer(at: places[place], key: key))
      place = places[place].previous
    }
    return answers.reversed()
  }

  /// How many answers belong to keys that nobody has asked for.
  var unwanted: Int {
    last.values.reduce(0) { count, entry in
      guard !entry.isWanted else { return count }
      var place = entry.place
      var answers = 0
      while place >= 0 {
        answers += 1
        place = places[place].previous
      }
      return count + answers
    }
  }

  private func answer(at place: Place, key: [UInt8]) throws -> RecordedAnswer {
    var bytes = [UInt8](repeating: 0, count: place.length)
    var done = 0
    while done < place.length {
      let count = bytes.withUnsafeMutableBytes {
        pread(
          descriptor,
          $0.baseAddress?.advanced(by: done),
          place.length - done,
          place.offset + done
        )
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError("read", path: path) }
      done += count
    }
    let json = try JSON(parsing: bytes)
    return RecordedAnswer(
      row: json["row"]?.int ?? 0,
      key: String(decoding: key, as: UTF8.self),
      text: json["text"]?.string ?? "",
      turns: json["turns"]?.array?.compactMap(\.string) ?? []
    )
  }

  private func flush() throws {
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes {
        write(descriptor, $0.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError("write", path: path) }
      done += count
    }
    written += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }
}
