import Primitives
import Store
import TinyLlama

/// The models that the server offers, loaded when they are first asked for.
actor ModelCatalog {
  /// A loaded model, ready to answer.
  struct Model: Sendable {
    let name: String
    /// Of its manifest: what the model is, whatever it is called.
    let digest: Digest
    let engine: GenerationEngine
    var checkpoint: Checkpoint { engine.checkpoint }
  }

  private let folders: [String: String]
  private let objects: ObjectStore
  private let threads: Int
  /// Loaded models and those being loaded, the one used last at the end.
  private var loaded: [(name: String, task: Task<Model, any Error>)] = []
  /// Names of checkpoints made by this server's jobs, oldest first.
  private var tuned: [String] = []

  /// Engines kept in memory; a let-go one lives on while it still answers.
  private static let capacity = 6

  init(folders: [String: String], objects: ObjectStore, threads: Int) {
    self.folders = folders
    self.objects = objects
    self.threads = threads
  }

  /// The names for a list, the shipped ones first.
  var names: [String] { folders.keys.sorted(by: UTF8Order.less) + tuned }

  func add(tuned name: String) {
    if !tuned.contains(name) { tuned.append(name) }
  }

  /// The model of a name, loaded once however many ask for it together.
  ///
  /// - Throws: `APIError`: 404 for a name that is not offered, 500 for one that cannot be read.
  func model(_ name: String) async throws(APIError) -> Model {
    let task = try task(for: name)
    do {
      return try await task.value
    } catch {
      // A failure is not kept: the folder may be mended, the checkpoint imported.
      loaded.removeAll { $0.name == name && $0.task == task }
      throw Self.describe(error, name: name, offered: names)
    }
  }

  private func task(for name: String) throws(APIError) -> Task<Model, any Error> {
    if let index = loaded.firstIndex(where: { UTF8Order.equal($0.name, name) }) {
      let entry = loaded.remove(at: index)
      loaded.append(entry)
      return entry.task
    }
    guard let source = source(of: name) else { throw .unknownModel(name, offered: names) }
    let (objects, threads) = (self.objects, self.threads)
    // Awaited by everyone who asks for the name; not a child of the first who does, since it would
    // end with that one's connection.
    let task = Task { try await Self.load(name, source, objects: objects, threads: threads) }
    loaded.append((name, task))
    if loaded.count > Self.capacity { loaded.removeFirst() }
    return task
  }

  private enum Source: Sendable {
    case folder(String)
    case manifest(Digest)
  }

  private func source(of name: String) -> Source? {
    if let folder = folders[name] { return .folder(folder) }
    return CheckpointManifest.digest(inModelName: name).map(Source.manifest)
  }

  private static func load(
    _ name: String,
    _ source: Source,
    objects: ObjectStore,
    threads: Int
  ) async throws -> Model {
    let checkpoint: Checkpoint
    let digest: Digest
    switch source {
    case .folder(let path):
      checkpoint = try await CheckpointStore.readFolder(path)
      digest = CheckpointManifest(of: checkpoint).digest
    case .manifest(let named):
      checkpoint = try await CheckpointStore.load(manifest: named, from: objects)
      digest = named
    }
    let engine = GenerationEngine(checkpoint: checkpoint, threads: threads)
    return Model(name: name, digest: digest, engine: engine)
  }

  private static func describe(
    _ error: any Error,
    name: String,
    offered: [String]
  ) -> APIError {
    if let error = error as? APIError { return error }
    if error is CheckpointStoreError { return .unknownModel(name, offered: offered) }
    return .server("the model '\(name)' cannot be read: \(error)")
  }
}
