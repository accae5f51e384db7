import Primitives
import Synchronization

/// The rates of a store's models, shared by its processes: one small file a model in `rates/`.
///
/// It is advice, never a record: a file that is damaged, foreign or of an earlier boot is begun
/// anew, and where none can be kept each process counts for itself.
package final class RateBook: Sendable {
  private let folder: String
  private let locks: String
  private let owner: String
  private let pages = Mutex<[Digest: RatePage]>([:])

  /// The book of a store that is open for writing; nil if it is not.
  package convenience init?(_ store: Store) {
    guard let owner = store.owner else { return nil }
    self.init(folder: "\(store.path)/rates", locks: store.layout.locks, owner: owner.token)
  }

  init(folder: String, locks: String, owner: String) {
    self.folder = folder
    self.locks = locks
    self.owner = owner
  }

  /// The page of a model, by any name that all processes give it.
  package func page(named name: String) -> RatePage {
    let digest = Digest(of: name)
    return pages.withLock { pages in
      if let page = pages[digest] { return page }
      _ = try? FileSystem.makeFolder(folder)
      let page = RatePage(path: "\(folder)/\(digest.hex)", locks: locks, owner: owner)
      pages[digest] = page
      return page
    }
  }
}
