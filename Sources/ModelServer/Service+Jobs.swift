import Primitives

extension Service {
  /// `POST /v1/fine_tuning/jobs`.
  func createJob(_ request: APIRequest) async throws(APIError) -> APIResponse {
    APIResponse(try await jobs.create(try JobRequest(body: request.body)).json)
  }

  /// `GET /v1/fine_tuning/jobs`, the newest first, filtered by `metadata[key]=value`, or by
  /// `metadata=null` for those without any.
  func listJobs(_ request: APIRequest) async throws(APIError) -> APIResponse {
    let page = try Page(request, limit: 20, atMost: 100)
    let filters = request.query.compactMap { name, value in
      Self.metadataKey(name).map { (key: $0, value: value) }
    }
    let metadata = request.query("metadata")
    guard metadata == nil || metadata == "null" else {
      throw .invalid(
        "metadata",
        "'metadata' is '\(metadata ?? "")'; expected 'null', or 'metadata[key]=value'"
      )
    }
    let found = await jobs.all.filter { job in
      filters.allSatisfy { job.request.metadata?[$0.key] == .string($0.value) }
        && (metadata == nil || job.request.metadata == nil)
    }
    return APIResponse(try page.json(found.map(\.json)))
  }

  /// The key in `metadata[key]`.
  private static func metadataKey(_ name: String) -> String? {
    guard name.hasPrefix("metadata["), name.hasSuffix("]") else { return nil }
    return String(name.dropFirst("metadata[".count).dropLast())
  }

  /// `GET /v1/fine_tuning/jobs/{id}`.
  func job(_ id: String) async throws(APIError) -> APIResponse {
    APIResponse(try await jobs.job(id).json)
  }

  /// `GET /v1/fine_tuning/jobs/{id}/events`, the newest first.
  func events(of id: String, _ request: APIRequest) async throws(APIError) -> APIResponse {
    let page = try Page(request, limit: 20, atMost: 1_000)
    return APIResponse(try page.json(try await jobs.job(id).eventsJSON))
  }

  /// `GET /v1/fine_tuning/jobs/{id}/checkpoints`.
  func checkpoints(of id: String, _ request: APIRequest) async throws(APIError) -> APIResponse {
    let page = try Page(request, limit: 10, atMost: 100)
    return APIResponse(try page.json(try await jobs.job(id).checkpointsJSON))
  }

  /// `POST /v1/fine_tuning/jobs/{id}/cancel`.
  func cancelJob(_ id: String) async throws(APIError) -> APIResponse {
    APIResponse(try await jobs.cancel(id).json)
  }
}
