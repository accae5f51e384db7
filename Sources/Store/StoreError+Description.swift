import Primitives

extension StoreError: CustomStringConvertible {
  /// What was found, what was expected, what to do.
  package var description: String {
    switch self {
    case .missingStore, .notAStore, .newerFormat, .olderFormat, .readOnly, .notOpen, .inUse,
      .unfinishedRepair, .locksDoNotWork:
      ofStore
    case .missingObject, .damagedObject, .damagedFile, .damagedDatabase: ofDamage
    default: ofOperation
    }
  }

  private var ofStore: String {
    switch self {
    case .missingStore(let path):
      "no store at '\(path)': 'distill run' makes one; name another with --cache"
    case .notAStore(let path, let found):
      """
      '\(path)' is not a store: it has no distill.json but \(found); \
      name an empty folder, or one that does not exist yet, with --cache
      """
    case .newerFormat(let path, let found, let supported):
      """
      the store '\(path)' has format \(found), this release reads up to \(supported); nothing was \
      written; use the newer release that made it, or another folder with --cache
      """
    case .olderFormat(let path, let found, let supported):
      """
      the ledger of the store '\(path)' has format \(found), this release reads format \(supported); \
      the next 'distill run' that uses the store rewrites it, without losing anything
      """
    case .readOnly(let path): "the store '\(path)' was opened for reading only"
    case .notOpen(let path): "the store '\(path)' is closed"
    case .inUse(let path):
      "the store '\(path)' is in use by another process; wait for it to end, then try again"
    case .unfinishedRepair(let path):
      """
      a repair of the store '\(path)' was cut off; 'distill cache verify --repair' goes on with it
      """
    case .locksDoNotWork(let path):
      """
      the file system of '\(path)' has no working locks, so two processes could pay for the same \
      call; put the store on a local disk with --cache
      """
    default: ofOperation
    }
  }

  private var ofDamage: String {
    switch self {
    case .missingObject(let digest, let path):
      """
      object \(digest.hex) is missing at '\(path)'; 'distill cache verify' lists what else is, \
      'distill run' makes again what can be made
      """
    case .damagedObject(let digest, let path, let found):
      """
      object \(digest.hex) is damaged: the bytes at '\(path)' have digest \(found.hex); \
      remove that file, then 'distill run' makes it again
      """
    case .damagedFile(let path, let reason):
      "'\(path)' is damaged: \(reason); restore it from a backup, or see 'distill cache verify'"
    case .damagedDatabase(let path, let reason):
      """
      the database '\(path)' is damaged: \(reason); restore it from a backup, else \
      'distill cache verify --repair' saves what can be read
      """
    default: ofOperation
    }
  }

  private var ofOperation: String {
    switch self {
    case .diskFull(let path, let operation):
      """
      cannot \(operation) '\(path)': no space is left; nothing was left half-written; \
      free some space and run again
      """
    case .priceNotAgreed(let answers):
      """
      \(answers.count) answers would go that had cost \(answers.cost)\
      \(answers.unpriced > 0 ? " and \(answers.unpriced) whose cost is unknown" : ""); nothing was \
      removed; agree to it with --give-up and that many USD
      """
    case .refusedArchive(let path, let reason):
      "the archive '\(path)' is refused: \(reason); nothing was taken over"
    case .system(let error): error.description
    case .changing(let path): "'\(path)' goes on changing while it is read; try again when it rests"
    case .database(let path, let reason): "the database '\(path)' refused: \(reason)"
    case .noSuchRun(let id): "no run '\(id)'; 'distill runs' lists them"
    case .ambiguousRun(let id, let candidates):
      "'\(id)' is short for several runs: \(candidates.joined(separator: ", ")); write more of it"
    case .noSuchJob(let id): "no remote job \(id) in the ledger"
    case .noSuchCall(let prefix):
      "no call whose key begins with '\(prefix)'; 'distill calls' lists them"
    case .ambiguousCall(let prefix, let candidates):
      """
      '\(prefix)' is short for several calls: \(candidates.joined(separator: ", ")); write more of it
      """
    default: "the store failed"
    }
  }
}
