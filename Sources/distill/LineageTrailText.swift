import Lineage
import Primitives

/// A trail drawn as a tree: a result, what it was made of, and so on down to files and models.
struct LineageTrailText {
  private let trail: Trail
  private var shown: Set<Digest> = []

  private init(_ trail: Trail) { self.trail = trail }

  static func tree(_ trail: Trail) -> TextTree {
    var text = LineageTrailText(trail)
    return text.tree(trail.root, slot: nil, name: nil)
  }

  /// `name` is what the one that consumed it calls it.
  private mutating func tree(_ key: Digest, slot: String?, name: String?) -> TextTree {
    let prefix = slot.map { "\(ForeignText.line($0)): " } ?? ""
    guard let step = trail[key] else { return TextTree("\(prefix)key \(key.short)") }
    guard shown.insert(key).inserted else {
      return TextTree("\(prefix)\(ForeignText.line(name ?? step.name))  (above)")
    }
    var branches: [TextTree] = []
    for source in step.sources { branches.append(tree(source)) }
    return TextTree(
      prefix + LineageStepText.title(step),
      details: LineageStepText.details(step),
      branches: branches
    )
  }

  private mutating func tree(_ source: Source) -> TextTree {
    let slot = ForeignText.line(source.slot)
    switch source.origin {
    case .step(let key, _): return tree(key, slot: source.slot, name: source.instance)
    case .file(let file):
      let text = LineageSourceText.file(file)
      return TextTree("\(slot): \(text.title)", details: text.details)
    case .model(let model):
      if let maker = model.maker {
        return tree(maker, slot: source.slot, name: source.instance)
      }
      let text = LineageSourceText.model(model)
      return TextTree("\(slot): \(text.title)", details: text.details)
    case .unknown(let parts):
      let list = parts.map { "\($0.part) \($0.digest.short)" }.joined(separator: ", ")
      return TextTree("\(slot): \(list)  (no result of this store has them)")
    }
  }
}

/// Files and models, where a trail ends.
enum LineageSourceText {
  static func file(_ file: FileTrail) -> (title: String, details: [String]) {
    let path = file.git?.path ?? file.paths.first
    let title = path.map { ForeignText.line($0) } ?? "a file that no record names"
    var state = file.git.map { "\($0.status), blob \($0.blob?.prefix(10) ?? "unknown")" } ?? ""
    if let pinned = file.git?.pinned { state += ", kept by \(place(pinned))" }
    let size = file.size.map { ", \(Amounts.count($0, "byte"))" } ?? ""
    var details = ["sha256 \(file.digest.hex.prefix(16))\(size)"]
    if !state.isEmpty { details.insert(state, at: 0) }
    for other in file.paths.dropFirst() {
      details.append("the same bytes: \(ForeignText.line(other))")
    }
    return (title, details)
  }

  private static func place(_ pinned: String) -> String {
    switch pinned {
    case "head": "HEAD's commit"
    case "commit": "the run's commit"
    case "manifest", "store": "the store"
    default: ForeignText.line(pinned, limit: 40)
    }
  }

  static func model(_ model: ModelTrail) -> (title: String, details: [String]) {
    let identity = ModelName.full(model.identity.canonicalText)
    guard let first = model.declared.first else { return (identity, []) }
    let names = model.declared.map { ForeignText.line($0.name) }.joined(separator: ", ")
    return ("\(names)  \(identity)", ["declared \(ForeignText.line(first.declared.compactText))"])
  }
}

/// What was made from something, drawn as a tree.
struct LineageOffspringText {
  private let offspring: Offspring
  private var shown: Set<Digest> = []

  private init(_ offspring: Offspring) { self.offspring = offspring }

  static func branches(_ offspring: Offspring) -> [TextTree] {
    var text = LineageOffspringText(offspring)
    return offspring.uses.map { text.tree($0) }
  }

  private mutating func tree(_ use: Offspring.Use) -> TextTree {
    let slot = ForeignText.line(use.slot)
    guard let step = offspring[use.key] else { return TextTree("\(slot) of key \(use.key.short)") }
    let title = "\(slot) of \(LineageStepText.title(step))"
    guard shown.insert(use.key).inserted else {
      return TextTree("\(slot) of \(ForeignText.line(step.name))  (above)")
    }
    var details = [LineageStepText.origin(step.origin)]
    if !step.outputs.isEmpty { details.append("gave \(LineageStepText.outputs(step.outputs))") }
    var branches: [TextTree] = []
    for next in offspring.uses(of: use.key) { branches.append(tree(next)) }
    return TextTree(title, details: details, branches: branches)
  }
}
