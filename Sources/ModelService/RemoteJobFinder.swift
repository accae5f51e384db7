import Primitives
import Store

/// Finds a job at a service whose id was lost.
///
/// Only the job that bears the tag is the one sought: whatever else runs on the account is somebody's.
struct RemoteJobFinder: Sendable {
  /// Name of the job's metadata that holds the tag.
  static let tagName = "distill"
  /// Looks at a list that may lag behind what was created.
  private static let looks = 3

  let calls: FreeCalls
  let kind: JobKind

  /// The id of the job that bears the tag, or nil if the service has none.
  ///
  /// Where jobs cannot bear it, the one that was made of the job's own upload, whose id is in `files`.
  func find(tag: String, files: JSONObject) async throws -> String? {
    let uploads = files.members.compactMap(\.value.string)
    if filtersByTag, let id = try await look(for: tag, uploads, filter: tagFilter(tag)) {
      return id
    }
    // A service that does not know the filter may hold it for one that nothing passes.
    return try await look(for: tag, uploads, filter: "")
  }

  /// As `find`, looking again when nothing is there: a list may lag behind.
  func findAfterDoubt(tag: String, files: JSONObject) async throws -> String? {
    for look in 1...Self.looks {
      if let id = try await find(tag: tag, files: files) { return id }
      if look < Self.looks { try await calls.time.sleep(pause * look) }
    }
    return nil
  }

  private var pause: Duration {
    calls.endpoint.address.isLocal ? .milliseconds(100) : .seconds(2)
  }

  private var path: String { kind == .batch ? "/batches" : "/fine_tuning/jobs" }

  private var filtersByTag: Bool { kind == .fineTune && calls.endpoint.dialect.keepsJobMetadata }

  private func tagFilter(_ tag: String) -> String {
    "&metadata%5B\(Self.tagName)%5D=\(PercentEncoding.segment(tag))"
  }

  private func look(for tag: String, _ uploads: [String], filter: String) async throws -> String? {
    var after = ""
    while true {
      let page = try await calls.get("\(path)?limit=100\(filter)\(after)")
      let jobs = page["data"]?.array ?? []
      if let id = jobs.first(where: { isOurs($0, tag, uploads) })?["id"]?.string { return id }
      guard page["has_more"]?.bool == true, let last = jobs.last?["id"]?.string else { return nil }
      after = "&after=\(PercentEncoding.segment(last))"
    }
  }

  private func isOurs(_ job: JSON, _ tag: String, _ uploads: [String]) -> Bool {
    if let found = job["metadata"]?[Self.tagName]?.string { return UTF8Order.equal(found, tag) }
    guard !bearsTags, let file = (job["training_file"] ?? job["input_file_id"])?.string else {
      return false
    }
    return uploads.contains { UTF8Order.equal($0, file) }
  }

  /// Azure's fine-tuning jobs have no metadata, and not every version of its batches shows them.
  private var bearsTags: Bool { calls.endpoint.dialect.provider == .openAI }
}
