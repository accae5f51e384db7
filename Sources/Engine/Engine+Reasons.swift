import Execution
package import Primitives
import Store
import Workflow

extension Engine {
  /// Why an instance without a result runs: what changed since it last ran under this name.
  func reasons(_ keyed: Keyed) async throws -> [String] {
    if services(keyed.instance.id).asking.isAnew { return ["--fresh asks for it again"] }
    guard let change = try await change(of: keyed) else { return ["it has not run before"] }
    let changes = change.differences
    return changes.isEmpty
      ? ["its last run left no result"] : changes.map { "\($0.name) changed" }
  }

  /// The last preimage under the instance's name beside the present one; nil if it never ran.
  func change(of keyed: Keyed) async throws -> PreimageChange? {
    guard
      let last = try await store.results.lastInstance(
        workflow: workflow.name,
        instance: keyed.instance.id.text
      ),
      let old = try await store.results.preimage(last.key)
    else { return nil }
    return PreimageChange(old: old, new: keyed.preimage, lastRun: last.runID)
  }
}

/// Two preimages of one instance, compared by their named parts.
package struct PreimageChange: Sendable {
  package struct Difference: Sendable {
    /// What changed: `template`, `samples`, `kind version` and the like.
    package let name: String
    package let old: JSON?
    package let new: JSON?
  }

  package let lastRun: String
  package let differences: [Difference]

  init(old: JSON, new: JSON, lastRun: String) {
    self.lastRun = lastRun
    var differences: [Difference] = []
    for section in ["kind", "kind_version", "format"] where old[section] != new[section] {
      let name = section.split(separator: "_").joined(separator: " ")
      differences.append(Difference(name: name, old: old[section], new: new[section]))
    }
    for (section, prefix) in Self.sections {
      let before = old[section]?.object ?? JSONObject()
      let after = new[section]?.object ?? JSONObject()
      for name in Self.union(before.keys, after.keys) where before[name] != after[name] {
        differences.append(
          Difference(name: prefix + name, old: before[name], new: after[name])
        )
      }
    }
    self.differences = differences
  }

  /// Sections of the preimage with what stands before a name of theirs in a message.
  private static let sections = [
    ("settings", ""), ("inputs", ""), ("models", ""), ("files", ""), ("versions", "version of "),
  ]

  private static func union(_ one: [String], _ other: [String]) -> [String] {
    one + other.filter { name in !one.contains { UTF8Order.equal($0, name) } }
  }
}
