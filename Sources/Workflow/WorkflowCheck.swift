import Diagnostics
import Primitives
import YAMLTree

/// The checking of one workflow: sections, models, nodes, references, instances, rules of kinds.
struct WorkflowCheck {
  let language: Language
  let templates: [String]
  let shippedModels: [String]?
  let files: FileLookup
  /// The workflow's file, absolute.
  let path: String
  private let findings = Findings()

  init(
    language: Language,
    templates: [String],
    shippedModels: [String]?,
    files: FileLookup,
    path: String
  ) {
    self.language = language
    self.templates = templates
    self.shippedModels = shippedModels
    self.files = files
    self.path = path
  }

  func check(_ root: YAMLNode, bytes: [UInt8], set values: [String: String]) throws(Problems)
    -> CheckedWorkflow
  {
    var reader = OutlineReader(findings)
    reader.read(root, set: values)
    let outline = reader.outline
    let models = readModels(outline)
    let limits = WorkflowLimits(fields: fieldReader(outline))
    let budget = outline.budget.flatMap { limits.budget($0) }
    let inDoubt = outline.inDoubt.flatMap { limits.inDoubt($0) }
    let drafts = readNodes(outline)
    let finder = TargetFinder(
      names: outline.names,
      drafts: drafts.byName,
      templates: templates,
      notYet: language.notYet,
      findings: findings
    )
    let inference = AxisInference(matrix: outline.matrix, finder: finder, findings: findings)
      .infer(drafts.inOrder)
    var expander = Expander(
      matrix: outline.matrix,
      finder: finder,
      inference: inference,
      templateKind: language.kind(named: "select-template"),
      findings: findings
    )
    expander.expand()
    TemplateNames(library: templates, notYet: language.notYet.templates)
      .check(expander.instances, findings)
    PoolNames.check(expander.instances, declared: outline.pools, findings)
    let expansion = Expansion(instances: expander.instances, models: models)
    checkRules(expansion, budget: budget.flatMap { _ in outline.budget?.location })
    if !findings.hasErrors {
      UnusedNames(outline: outline, drafts: drafts.inOrder, findings: findings).warn()
    }
    guard !findings.hasErrors else { throw Problems(findings.sorted) }
    return CheckedWorkflow(
      name: outline.name ?? WorkflowPath.stem(path),
      description: outline.description,
      path: path,
      bytes: bytes,
      parameters: parameters(outline),
      budget: budget,
      inDoubt: inDoubt,
      pools: outline.pools,
      expansion: expansion,
      nodes: summaries(drafts.inOrder, expander, outline),
      warnings: findings.sorted
    )
  }

  /// What reads fields where the matrix has no say.
  private func fieldReader(_ outline: Outline) -> FieldReader {
    let scope = Scope(
      parameters: outline.parameterValues,
      matrix: outline.matrix,
      point: MatrixPoint(),
      needs: nil,
      findings: findings
    )
    return FieldReader(
      scope: scope,
      files: files,
      folder: WorkflowPath.split(path).folder,
      notYet: language.notYet
    )
  }

  private func readModels(_ outline: Outline) -> [String: ModelDeclaration] {
    let reader = ModelReader(fields: fieldReader(outline), shipped: shippedModels)
    var models: [String: ModelDeclaration] = [:]
    for entry in outline.models { models[entry.key] = reader.read(entry) }
    return models
  }

  private func readNodes(_ outline: Outline) -> (inOrder: [NodeDraft], byName: [String: NodeDraft])
  {
    let reader = NodeReader(
      outline: outline,
      language: language,
      files: files,
      folder: WorkflowPath.split(path).folder,
      findings: findings
    )
    let drafts = outline.nodes.compactMap { reader.read($0) }
    return (drafts, Dictionary(uniqueKeysWithValues: drafts.map { ($0.name, $0) }))
  }

  private func checkRules(_ expansion: Expansion, budget: Location?) {
    for instance in expansion.instances {
      for problem in instance.kind.check(instance, in: expansion) { findings.add(problem) }
    }
    for problem in DeployRule.problems(in: expansion) { findings.add(problem) }
    guard let budget else { return }
    for problem in PriceRule.problems(in: expansion, under: .budget(budget)) {
      findings.add(problem)
    }
  }

  // MARK: - What a run needs to know

  private func parameters(_ outline: Outline) -> JSONObject {
    JSONObject(
      outline.parameters.map { parameter in
        let value: JSON =
          switch parameter.value.value {
          case .bool(let value): .bool(value)
          case .integer(let value): .integer(value)
          case .number(let value) where value.isFinite: .number(value)
          default: .string(parameter.value.scalarText ?? "")
          }
        return (key: parameter.name, value: value)
      }
    )
  }

  private func summaries(_ drafts: [NodeDraft], _ expander: Expander, _ outline: Outline)
    -> [CheckedWorkflow.NodeSummary]
  {
    let instances = Dictionary(grouping: expander.instances) { $0.node }
    return drafts.map { draft in
      let own = instances[draft.name, default: []]
      let axes = outline.matrix.ordered(expander.inference.axes[draft.name, default: []])
      return CheckedWorkflow.NodeSummary(
        name: draft.name,
        kind: draft.kind.name,
        axes: axes.map { axis in (axis, Set(own.compactMap { $0.point[axis] }).count) },
        instances: own.map(\.id),
        location: draft.location
      )
    }
  }
}
