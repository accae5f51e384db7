import Foundation
import GRDB
import Primitives

/// Reads rows of `Ledger.answerColumns`, and checks each against its seal.
struct AnswerReader: Sendable {
  let objects: ObjectStore
  /// The database, for messages.
  let path: String

  /// - Throws: `.damagedFile` if the row is gone or not what was sealed, or damage of its object.
  func answer(_ key: Digest, _ row: Row) throws -> RecordedAnswer {
    guard row[8] as Data? != nil else {
      throw StoreError.damagedFile(
        path: path,
        reason: "the answer of call \(key.hex) was recorded and is gone"
      )
    }
    let tokens = TokenCounts(prompt: row[3], completion: row[4])
    let object = try (row[9] as Data?).map { _ in try row.digest(at: 9, in: path) }
    let body = try object.map { try objects.readNow($0) } ?? [UInt8](row[10] as Data? ?? Data())
    let name: String = row[1]
    guard let outcome = Outcome(rawValue: name),
      try row.digest(at: 8, in: path)
        == AnswerSeal.make(
          key: key,
          answer: object ?? Digest(of: body),
          outcome: outcome,
          servedModel: row[2],
          tokens: tokens
        )
    else {
      throw StoreError.damagedFile(
        path: path,
        reason: "the answer of call \(key.hex) is not what was sealed"
      )
    }
    return RecordedAnswer(
      key: key,
      attempt: row[0],
      outcome: outcome,
      body: body,
      servedModel: row[2],
      tokens: tokens,
      cost: (row[5] as Int64?).map { Money(nanos: $0) },
      runID: row[6],
      endedAt: row[7]
    )
  }

  /// What keeps an answer that should be there from being served.
  enum Damage {
    case absent
    case missingObject(Digest)
    /// Told of with the objects.
    case damagedObject(Digest)
    case broken(String)
  }

  /// What is wrong with the answer of a row; nil if it is whole.
  func damage(_ row: Row, key: Digest) throws -> Damage? {
    guard row[8] as Data? != nil else { return .absent }
    do {
      _ = try answer(key, row)
      return nil
    } catch StoreError.missingObject(let digest, _) {
      return .missingObject(digest)
    } catch StoreError.damagedObject(let digest, _, _) {
      return .damagedObject(digest)
    } catch StoreError.damagedFile(_, let reason), StoreError.damagedDatabase(_, let reason) {
      return .broken(reason)
    }
  }
}
