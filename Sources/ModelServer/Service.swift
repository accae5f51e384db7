package import Logging
import Primitives
package import Store

/// The API itself: which request is answered by what.
///
/// Free of HTTP: `HTTPBridge` brings requests in, tests call `answer` directly.
package struct Service: Sendable {
  let catalog: ModelCatalog
  let shelf: FileShelf
  let jobs: TrainingJobs
  private let state: StateFolder?

  /// Takes what `ServerOptions` says of models, store, state and threads.
  ///
  /// - Throws: `StateFolderError` or `SystemError` for a state that cannot be used.
  package init(
    models: [String: String],
    objects: ObjectStore,
    stateFolder: String? = nil,
    threads: Int = 2,
    logger: Logger = Logger(label: "distill.serve")
  ) throws {
    state = try stateFolder.map { try StateFolder(path: $0) }
    catalog = ModelCatalog(folders: models, objects: objects, threads: threads)
    shelf = try FileShelf(objects: objects, state: state)
    jobs = try TrainingJobs(
      catalog: catalog,
      shelf: shelf,
      objects: objects,
      threads: threads,
      logger: logger,
      state: state
    )
  }

  /// Takes up the jobs that an earlier server with the same state left.
  package func resume() async { await jobs.resume() }

  /// Ends the job that is running and drops those that wait; jobs that are kept start again later.
  package func stop() async {
    await jobs.stop()
    state?.release()
  }

  /// The answer to any request; what is wrong with it is an answer too.
  package func answer(_ request: APIRequest) async -> APIResponse {
    guard let route = Route(request.segments) else {
      return APIResponse(.unknownAddress(request.method, request.path))
    }
    guard route.methods.contains(request.method) else {
      return Self.wrongMethod(request, allowed: route.methods)
    }
    do {
      return try await answer(request, at: route)
    } catch {
      return APIResponse(error)
    }
  }

  private func answer(_ request: APIRequest, at route: Route) async throws(APIError) -> APIResponse
  {
    let isPost = request.method == "POST"
    switch route {
    case .chat: return try await chat(request)
    case .models: return await listModels()
    case .model(let name): return try await model(name)
    case .files: return isPost ? try await uploadFile(request) : try await listFiles(request)
    case .file(let id) where request.method == "DELETE": return try await deleteFile(id)
    case .file(let id): return try await file(id)
    case .fileContent(let id): return try await fileContent(id)
    case .jobs: return isPost ? try await createJob(request) : try await listJobs(request)
    case .job(let id): return try await job(id)
    case .jobEvents(let id): return try await events(of: id, request)
    case .jobCheckpoints(let id): return try await checkpoints(of: id, request)
    case .jobCancel(let id): return try await cancelJob(id)
    }
  }

  private static func wrongMethod(_ request: APIRequest, allowed: [String]) -> APIResponse {
    let error = APIError(
      status: 405,
      "'\(request.path)' does not take \(request.method); expected "
        + allowed.joined(separator: " or "),
      code: "method_not_allowed"
    )
    return APIResponse(
      status: 405,
      allow: allowed.joined(separator: ", "),
      body: Array(error.json.compactText.utf8)
    )
  }
}
