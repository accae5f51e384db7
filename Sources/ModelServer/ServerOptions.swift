package import Logging
package import Store

/// What `distill serve` was told.
package struct ServerOptions: Sendable {
  package var address: ListenAddress
  /// Keeps uploaded files and tuned checkpoints, and offers the checkpoints that it holds; its store
  /// must stay open as long as the server runs.
  package var objects: ObjectStore
  /// Checkpoint folders by the name they are offered under.
  package var models: [String: String]
  /// A folder that keeps files and jobs over a restart; nil to forget them with the server.
  package var stateFolder: String?
  /// What requests must carry as a bearer token; nil admits all.
  package var token: String?
  /// A file that gets a line for each request; see `RequestLog`.
  package var requestLog: String?
  /// End when standard input is closed: for a child whose parent may die without a word.
  package var endsWithInput: Bool
  /// Processor threads for each loaded model and for training; never changes a result.
  package var threads: Int
  package var logger: Logger

  package init(
    address: ListenAddress,
    objects: ObjectStore,
    models: [String: String],
    stateFolder: String? = nil,
    token: String? = nil,
    requestLog: String? = nil,
    endsWithInput: Bool = false,
    threads: Int = 2,
    logger: Logger = Logger(label: "distill.serve")
  ) {
    self.address = address
    self.objects = objects
    self.models = models
    self.stateFolder = stateFolder
    self.token = token
    self.requestLog = requestLog
    self.endsWithInput = endsWithInput
    self.threads = threads
    self.logger = logger
  }
}
