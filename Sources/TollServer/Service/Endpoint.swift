/// The kinds of request that are numbered, and can fail, each by themselves.
enum Endpoint: String, CaseIterable, Hashable, Sendable {
  case chat, models
  /// Uploading and deleting.
  case files
  /// Reading files and their content.
  case downloads
  /// Creating and cancelling.
  case jobs
  case jobPolls = "job-polls"
  case batches
  case batchPolls = "batch-polls"
  /// Deployments of tuned models.
  case management
  /// What the server does not offer.
  case other
}
