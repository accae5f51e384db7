import Foundation
import Primitives

// What the last run of a project came to, as `distill show` has it.

extension Project {
  func instances(cache: String = "cache") throws -> [JSON] {
    try ask("show", "last", cache: cache).summary["instances"]?.array ?? []
  }

  /// What the last run made of what: every instance with its key, inputs and outputs.
  ///
  /// Times, ids and money are left out: equal texts mean an equal lineage and equal bytes.
  func lineage(cache: String = "cache") throws -> String {
    let lines = try instances(cache: cache).map { instance in
      ["id", "kind", "key", "inputs", "outputs"]
        .map { "\($0)=\(instance[$0]?.compactText ?? "-")" }
        .joined(separator: " ")
    }
    return lines.sorted().joined(separator: "\n")
  }

  /// The digest of a part of a node's result.
  func digest(of node: String, part: String, cache: String = "cache") throws -> String? {
    let instance = try instances(cache: cache).first { $0["id"]?.string == node }
    return instance?["outputs"]?[part]?["sha256"]?.string
  }

  /// The lines of a part of a node's result, each a JSON value; none where there is no such part.
  func lines(of node: String, part: String, cache: String = "cache") throws -> [JSON] {
    guard let digest = try digest(of: node, part: part, cache: cache) else { return [] }
    let object = "\(self.cache(cache))/objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
    return try Data(contentsOf: URL(fileURLWithPath: object)).split(separator: 0x0A)
      .map { try JSON(parsing: Array($0)) }
  }

  /// A map of counts among the facts of a node, such as `states`.
  func counts(of node: String, _ name: String, cache: String = "cache") throws -> [String: Int] {
    let instance = try instances(cache: cache).first { $0["id"]?.string == node }
    let members = instance?["facts"]?[name]?.object?.members ?? []
    return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value.int ?? 0) })
  }
}

extension Project {
  /// The outputs of every node that are the same whatever the name of a tuned model.
  func results(cache: String = "cache") throws -> String {
    let lines = try instances(cache: cache).filter { $0["kind"]?.string != "fine-tune" }
      .map { "\($0["id"]?.string ?? "") \($0["outputs"]?.compactText ?? "-")" }
    return lines.sorted().joined(separator: "\n")
  }
}
