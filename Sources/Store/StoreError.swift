package import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What can go wrong with a store, told apart by what its user has to do.
package enum StoreError: Error, Hashable, Sendable {
  /// Nothing is at the path.
  case missingStore(path: String)
  /// The folder holds something else.
  case notAStore(path: String, found: String)
  /// A later release made it; nothing was written.
  case newerFormat(path: String, found: Int, supported: Int)
  /// An earlier release made the ledger, and it was opened for reading only.
  case olderFormat(path: String, found: Int, supported: Int)
  /// A writing call on a store opened for reading.
  case readOnly(path: String)
  /// The store was closed.
  case notOpen(path: String)
  /// Another process uses the store, and the operation needs it alone.
  case inUse(path: String)
  /// Answers would be given up, and nobody agreed to what they had cost.
  case priceNotAgreed(LostAnswers)
  /// An archive that is none of ours, is damaged, or does not go with this store.
  case refusedArchive(path: String, reason: String)
  /// A repair was killed before its end.
  case unfinishedRepair(path: String)
  /// The file system ignores `flock`.
  case locksDoNotWork(path: String)

  /// No space, or the quota is used up. Nothing half-written is left.
  case diskFull(path: String, operation: String)
  /// Any other refusal of the system.
  case system(SystemError)
  /// A file that went on changing while it was hashed.
  case changing(path: String)

  case missingObject(Digest, path: String)
  case damagedObject(Digest, path: String, found: Digest)
  /// A file of the store, or a sealed row of a database, whose content cannot be right.
  case damagedFile(path: String, reason: String)
  /// SQLite finds the database malformed.
  case damagedDatabase(path: String, reason: String)
  /// Any other refusal of SQLite.
  case database(path: String, reason: String)

  case noSuchRun(String)
  case ambiguousRun(String, candidates: [String])
  case noSuchJob(Int64)
  /// No call's key begins like that.
  case noSuchCall(String)
  case ambiguousCall(String, candidates: [String])
}

extension StoreError {
  /// An operation of the system that failed; a full disk is a case of its own.
  package init(_ operation: String, path: String, code: Int32) {
    if code == ENOSPC || code == EDQUOT {
      self = .diskFull(path: path, operation: operation)
    } else {
      self = .system(SystemError(operation, path: path, code: code))
    }
  }

  package init(_ error: SystemError) {
    self.init(error.operation, path: error.path, code: error.code)
  }

  /// Bytes in the store are not what was written: exit code 5.
  package var isDamage: Bool {
    switch self {
    case .missingObject, .damagedObject, .damagedFile, .damagedDatabase, .unfinishedRepair: true
    default: false
    }
  }

  package var isDiskFull: Bool {
    if case .diskFull = self { true } else { false }
  }
}
