import Execution
import Primitives
package import Store
package import Workflow

/// The user's files by digest, as they were at the start of the run.
package struct PinnedFiles: Sendable {
  private var objects: [String: ObjectRef] = [:]
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

  /// Every file, sorted by path.
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
    guard let object = objects[path] else { preconditionFailure("BUG: '\(path)' is not pinned") }
    return InputFile(path: path, written: written, object: object)
  }
}
