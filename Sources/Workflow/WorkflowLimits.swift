import Diagnostics
import Primitives
import YAMLTree

/// Reads the sections that say how far a workflow may go: `budget:` and `in_doubt:`.
struct WorkflowLimits {
  let fields: FieldReader

  private var findings: Findings { fields.findings }

  func budget(_ written: YAMLNode) -> Money? {
    guard let node = fields.scope.expand(written) else { return nil }
    guard let amount = node.text.flatMap(Units.dollars), amount > 0 else {
      let digits = (node.scalarText ?? "").filter { $0.isNumber || $0 == "." }
      findings.error(
        "'budget' takes an amount such as '20 USD', but here is \(node.found)",
        at: node.location,
        hint: Double(digits).map { $0 > 0 } == true ? "write '\(digits) USD'" : nil
      )
      return nil
    }
    return Money(usd: amount)
  }

  func inDoubt(_ written: YAMLNode) -> InDoubtChoice? {
    let type = FieldType.choice(InDoubtChoice.words)
    guard let value = fields.read(written, as: type, field: "in_doubt"),
      case .json(let json) = value.kind
    else { return nil }
    return json.string.flatMap(InDoubtChoice.init)
  }
}
