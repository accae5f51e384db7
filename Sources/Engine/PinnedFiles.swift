import Execution
import Primitives
package import Store
package import Workflow

/// The user's files by digest, as they were at the start of the run.
package struct PinnedFiles: Sendable {
  private var objects: [String: ObjectRef] = [:]
  /// Folders that the workflow names, by their paths; their files are among `objects`.
  private var folders: [String: FolderListing] = [:]
  /// Files that the workflow names from the root of the file system.
  private var absolute: Set<String> = []
  /// Files of library templates, by the instance that uses them.
  private(set) var templates: [InstanceID: InputFile] = [:]

  /// Digests every file that an expansion reads; unchanged ones by the stat cache.
  package static func pin(
    _ expansion: Expansion,
    templatePath: @Sendable (String) -> String?,
    _ cache: StatCache
  ) async throws -> PinnedFiles {
    var pinned = PinnedFiles()
    for instance in expansion.instances {
      for binding in Binding.all(of: instance, in: expansion) {
        guard case .file(let path, let written) = binding.target else { continue }
        let takesFolders = Engine.runnable(instance).folderSlots.contains(binding.slot)
        if takesFolders, FolderFiles.isFolder(path) {
          try await pinned.pin(folder: path, isAbsolute: written.hasPrefix("/"), cache)
          continue
        }
        if written.hasPrefix("/") { pinned.absolute.insert(path) }
        if pinned.objects[path] == nil {
          pinned.objects[path] = try await cache.digest(ofFileAt: path)
        }
      }
      guard let name = instance.settings.text("use"), let path = templatePath(name) else {
        continue
      }
      let object = try await cache.digest(ofFileAt: path)
      pinned.objects[path] = object
      pinned.templates[instance.id] = InputFile(path: path, written: name, object: object)
    }
    return pinned
  }

  private mutating func pin(
    folder: String,
    isAbsolute: Bool,
    _ cache: StatCache
  ) async throws {
    guard folders[folder] == nil else { return }
    var entries: [FolderListing.Entry] = []
    for name in try await Blocking.run({ try FolderFiles.list(folder) }) {
      let path = "\(folder)/\(name)"
      let object = try await cache.digest(ofFileAt: path)
      objects[path] = object
      if isAbsolute { absolute.insert(path) }
      entries.append(FolderListing.Entry(name: name, object: object))
    }
    folders[folder] = FolderListing(entries)
  }

  /// Every file, those in folders too, sorted by path.
  package var all: [(path: String, object: ObjectRef)] {
    objects.map { ($0.key, $0.value) }.sorted { UTF8Order.less($0.path, $1.path) }
  }

  /// Whether a file is the same one wherever the workflow lies.
  package func isAbsolute(_ path: String) -> Bool { absolute.contains(path) }

  /// The name of a library template among the files; nil for a file of the user's.
  package func libraryName(of path: String) -> String? {
    templates.values.first { $0.path == path }?.written
  }

  func file(_ path: String, written: String) throws -> InputFile {
    if let listing = folders[path] {
      let object = ObjectRef(of: listing.bytes)
      return InputFile(path: path, written: written, object: object, listing: listing)
    }
    guard let object = objects[path] else { preconditionFailure("BUG: '\(path)' is not pinned") }
    return InputFile(path: path, written: written, object: object)
  }
}
