// Downloads: bytes that datasets are made of and that are not on the user's disk. It fetches them
// into the store, once, and says what of them the store has.
// It knows HTTP and the store; it knows nothing of readers, records, workflows or models.

package import Primitives

/// Bytes elsewhere that a dataset is made of, told apart by what they are and not by where they lie.
package enum RemoteSource: Hashable, Sendable {
  case file(RemoteFile)
  case rows(HubRows)

  /// What messages call it, without quotes.
  package var name: String {
    switch self {
    case .file(let file): file.url
    case .rows(let rows): rows.name
    }
  }

  /// The digest that its bytes must have, where it is known before they are.
  package var digest: Digest? {
    switch self {
    case .file(let file): file.digest
    case .rows(let rows): rows.digest
    }
  }

  /// Where it came from, for the facts of a dataset.
  package var json: JSONObject {
    switch self {
    case .file(let file): JSONObject([("url", .string(file.url))])
    case .rows(let rows): JSONObject([("hugging_face", rows.identity)])
    }
  }
}

/// A published file: an address, and the digest of what must lie there.
package struct RemoteFile: Hashable, Sendable {
  package let url: String
  package let digest: Digest

  package init(url: String, digest: Digest) {
    self.url = url
    self.digest = digest
  }
}

/// The rows of one split of a dataset on the Hugging Face Hub, at one commit.
package struct HubRows: Hashable, Sendable {
  /// `owner/name`.
  package let dataset: String
  package let config: String
  package let split: String
  /// The id of a commit: 40 digits.
  package let revision: String
  /// Of the gathered rows, one JSON object a line; nil where the workflow does not say.
  package let digest: Digest?

  package init(
    dataset: String,
    config: String,
    split: String,
    revision: String,
    digest: Digest? = nil
  ) {
    self.dataset = dataset
    self.config = config
    self.split = split
    self.revision = revision
    self.digest = digest
  }

  var name: String { "\(dataset) (\(config), \(split)) at \(revision.prefix(12))" }

  /// What tells these rows from all others.
  var identity: JSON {
    [
      "dataset": .string(dataset), "config": .string(config), "split": .string(split),
      "revision": .string(revision),
    ]
  }

  /// The preimage of the store's note of which object holds the rows.
  ///
  /// `form` is raised when rows are gathered into other bytes.
  var preimage: JSON { ["format": 1, "kind": "hugging-face-rows", "form": 1, "source": identity] }
}
