import Diagnostics

/// Finds what a reference names, and checks that it is of a type that the field takes.
struct TargetFinder {
  let names: NameTable
  let drafts: [String: NodeDraft]
  /// Names of the library's templates.
  let templates: [String]
  let notYet: NotYet
  let findings: Findings

  /// Problems after which hints are left out: each compares with every name, and by then something
  /// else is wrong.
  private static let mostHints = 200

  enum Target {
    case node(NodeDraft, ArtifactType)
    case model(String)
    case template(String)
  }

  /// What a reference names.
  ///
  /// - Returns: The target; nil where there is none, which is reported unless the node of that
  ///   name is wrong itself.
  func find(_ reference: DraftReference) -> Target? {
    let name = reference.text.name
    findings.used.insert(name)
    guard !names.refused.contains(name) else { return nil }
    switch names.roles[name] {
    case .node: return drafts[name].flatMap { node($0, reference) }
    case .model: return model(name, reference)
    case .axis, .parameter, nil: return template(name, reference)
    }
  }

  private func node(_ draft: NodeDraft, _ reference: DraftReference) -> Target? {
    guard let type = reference.type.types.first(where: { draft.kind.outputs.contains($0) }) else {
      let given = Wording.join(draft.kind.outputs.map(\.withArticle), last: "and")
      reportType(reference, gives: "'\(draft.name)' gives \(given)", of: draft.kind.outputs)
      return nil
    }
    guard checkOutput(draft, reference) else { return nil }
    return .node(draft, type)
  }

  private func checkOutput(_ draft: NodeDraft, _ reference: DraftReference) -> Bool {
    guard let output = reference.text.output else { return true }
    guard draft.kind.outputs.contains(.files) else {
      findings.error(
        "'\(reference.text.text)' names an output, but '\(draft.name)' is a \(draft.kind.name) "
          + "node, which has none",
        at: reference.location,
        hint: "write '\(draft.name)'"
      )
      return false
    }
    guard let outputs = draft.outputNames, !outputs.contains(output) else { return true }
    findings.error(
      "'\(draft.name)' has no output '\(output)'",
      at: reference.location,
      hint: didYouMean(output, among: outputs.sorted())
        ?? "its outputs are \(Wording.all(outputs.sorted()))",
      notes: [Problem.Note("the node", at: draft.location)]
    )
    return false
  }

  private func model(_ name: String, _ reference: DraftReference) -> Target? {
    guard reference.type.types.contains(.model) else {
      reportType(reference, gives: "'\(name)' is a model", of: [.model])
      return nil
    }
    guard reference.text.pins.isEmpty, reference.text.output == nil else {
      findings.error(
        "'\(name)' is a model, which has no axes to pin",
        at: reference.location,
        hint: "write '\(name)'"
      )
      return nil
    }
    return .model(name)
  }

  private func template(_ name: String, _ reference: DraftReference) -> Target? {
    let isKnown = templates.contains(name)
    guard isKnown, reference.type.types.contains(.template) else {
      if isKnown {
        reportType(reference, gives: "'\(name)' is a template", of: [.template])
      } else {
        reportUnknown(name, reference)
      }
      return nil
    }
    guard reference.text.pins.isEmpty else {
      findings.error(
        "'\(name)' is a library template, which has no axes to pin",
        at: reference.location,
        hint: "write '\(name)'"
      )
      return nil
    }
    return .template(name)
  }

  // MARK: - What is reported

  private func reportType(
    _ reference: DraftReference,
    gives: String,
    of types: [ArtifactType]
  ) {
    let bridge = reference.type.types.first.flatMap { wanted in
      types.lazy.compactMap { $0.bridge(to: wanted) }.first
    }
    findings.error(
      "'\(reference.field)' takes \(reference.type.wanted), but \(gives)",
      at: reference.location,
      hint: bridge ?? fittingHint(reference)
    )
  }

  /// Names of what the field would take.
  private func fittingHint(_ reference: DraftReference) -> String? {
    guard findings.problems.count < Self.mostHints else { return nil }
    let fitting = fitting(reference.type)
    if let near = NearestFit.find(reference.text.name, among: fitting) {
      return "did you mean '\(near)'?"
    }
    let shown = fitting.prefix(6)
    guard !shown.isEmpty else { return "nothing here gives \(reference.type.wanted) yet" }
    return "\(reference.type.wanted) would be \(Wording.choice(shown))"
  }

  private func fitting(_ type: FieldType.Reference) -> [String] {
    let nodes = drafts.values.filter { draft in
      draft.kind.outputs.contains { type.types.contains($0) }
    }
    return nodes.sorted {
      ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column)
    }
    .map(\.name)
      + (type.types.contains(.model) ? names.names(.model) : [])
      + (type.types.contains(.template) ? templates : [])
  }

  private func reportUnknown(_ name: String, _ reference: DraftReference) {
    let wantsTemplate = reference.type.types.contains(.template)
    if wantsTemplate, reference.text.isTemplateName {
      TemplateNames(library: templates, notYet: notYet.templates)
        .reportUnknown(name, at: reference.location, findings)
      return
    }
    findings.error(
      "nothing is named '\(name)'",
      at: reference.location,
      hint: unknownHint(name, reference)
    )
  }

  private func unknownHint(_ name: String, _ reference: DraftReference) -> String? {
    if names.roles[name] == .parameter {
      return "'\(name)' is a parameter: write '\"${\(name)}\"' to put in its value"
    }
    guard findings.problems.count < Self.mostHints else { return nil }
    let fitting = fitting(reference.type)
    if let near = NearestFit.find(name, among: fitting) ?? NearestFit.find(name, among: all) {
      return "did you mean '\(near)'?"
    }
    let isFile = reference.text.output != nil || name.contains("/")
    if isFile, reference.type.types.contains(.dataset) {
      return "a file is read by a node of its own: {kind: dataset, format: …, path: …}"
    }
    return fittingHint(reference)
  }

  /// All names that a reference could mean.
  private var all: [String] {
    names.names(.node) + names.names(.model) + names.names(.axis) + templates
  }
}
