import Lineage
import Primitives
import Store

/// What stands in the preimages of a run's instances: settings, and the digests of files and models.
enum Preimage {
  /// The preimages that are still in the store, by instance.
  ///
  /// - Throws: `StoreError` for one that is damaged.
  static func all(of run: RecordedRun, _ objects: ObjectStore) async throws -> [String: JSON] {
    var found: [String: JSON] = [:]
    for instance in run.instances {
      guard let key = instance.key, objects.find(key) != nil else { continue }
      found[instance.id] = try JSON(parsing: try await objects.read(key))
    }
    return found
  }

  /// The files that an instance read, by slot.
  static func files(_ preimage: JSON?) -> [(slot: String, digest: Digest)] {
    (preimage?["files"]?.object?.members ?? []).compactMap { member in
      member.value.string.flatMap { Digest(hex: $0) }.map { (member.key, $0) }
    }
  }

  /// The identities of the models that an instance used, by slot.
  static func models(_ preimage: JSON?) -> [(slot: String, identity: JSON)] {
    (preimage?["models"]?.object?.members ?? []).map { ($0.key, $0.value) }
  }

  /// Every digest that stands in a value as a text.
  static func digests(in json: JSON) -> [Digest] {
    switch json {
    case .string(let text): Digest(hex: text).map { [$0] } ?? []
    case .array(let elements): elements.flatMap(digests)
    case .object(let object): object.members.flatMap { digests(in: $0.value) }
    default: []
    }
  }
}
