import Diagnostics
import Primitives
import YAMLTree

/// Reads entries of `nodes:` into drafts.
///
/// Which axes a node has is found by reading it: first at the empty point, where each name of an
/// axis is noted as needed, then again at all points over what was needed, until nothing new is.
struct NodeReader {
  let outline: Outline
  let language: Language
  let files: FileLookup
  let folder: String
  let findings: Findings

  /// Fields that every node has beside those of its kind.
  static let commonFields = ["kind", "with", "each"]

  func read(_ entry: YAMLNode.Entry) -> NodeDraft? {
    guard let entries = entry.value.map else {
      findings.error(
        "node '\(entry.key)' takes a map, but here is \(entry.value.found)",
        at: entry.value.location,
        hint: "write '\(entry.key): {kind: …}'"
      )
      return nil
    }
    guard let kind = kind(of: entry, entries) else { return nil }
    let each = eachAxes(entry.value["each"])
    var axes: Set<String> = []
    while true {
      guard let points = outline.matrix.points(over: axes) else {
        reportTooMany(entry, axes)
        return nil
      }
      let attempt = Findings()
      let needs = Scope.Needs()
      var fields: [MatrixPoint: DraftMembers] = [:]
      for point in points {
        let scope = Scope(
          parameters: outline.parameterValues,
          matrix: outline.matrix,
          point: point,
          needs: needs,
          findings: attempt
        )
        fields[point] = self.fields(of: entry, entries, kind, in: scope)
      }
      if !needs.axes.isSubset(of: axes) {
        axes.formUnion(needs.axes)
        continue
      }
      findings.merge(attempt)
      return NodeDraft(
        name: entry.key,
        location: entry.keyLocation,
        kind: kind,
        ownAxes: axes,
        each: each,
        fields: fields,
        points: points,
        isSound: points.allSatisfy { fields[$0]?.areSound == true }
      )
    }
  }

  private func reportTooMany(_ entry: YAMLNode.Entry, _ axes: Set<String>) {
    let product = outline.matrix.productSize(axes).map { "\($0) times" } ?? "without end"
    findings.error(
      "node '\(entry.key)' would run \(product)",
      at: entry.keyLocation,
      hint: "at most \(Matrix.mostPoints) points are planned: use fewer axes or values"
    )
  }

  private func fields(
    of entry: YAMLNode.Entry,
    _ entries: [YAMLNode.Entry],
    _ kind: any NodeKind.Type,
    in scope: Scope
  ) -> DraftMembers {
    let reader = FieldReader(
      scope: scope,
      files: files,
      folder: folder,
      notYet: language.notYet
    )
    let all = MergedEntries(scope: scope).merge(entries, of: entry.key)
    let owner = RecordOwner(
      name: "'\(kind.name)'",
      prefix: "",
      location: entry.keyLocation,
      notYet: kind.notYet
    )
    let own = all.entries.filter { !Self.commonFields.contains($0.key) }
    let members = reader.members(own, kind.fields, of: owner, areAll: all.isComplete)
    let isSound = members.areSound && all.isComplete && all.isSound
    return DraftMembers(values: members.values, areSound: isSound)
  }

  // MARK: - Kind and each

  private func kind(of entry: YAMLNode.Entry, _ entries: [YAMLNode.Entry])
    -> (any NodeKind.Type)?
  {
    guard let written = entry.value["kind"] else {
      findings.error(
        "node '\(entry.key)' has no 'kind'",
        at: entry.keyLocation,
        hint: missingKindHint(entries)
      )
      return nil
    }
    guard let name = written.text else {
      findings.error(
        "'kind' takes the name of a kind, but here is \(written.found)",
        at: written.location,
        hint: "kinds are \(Wording.all(language.kindNames))"
      )
      return nil
    }
    if let kind = language.kind(named: name) { return kind }
    if let meanwhile = language.notYet.kinds[name] {
      findings.error(
        "node kind '\(name)' is not there yet",
        at: written.location,
        hint: "it comes with a later version; until then: \(meanwhile)"
      )
      return nil
    }
    findings.error(
      "unknown node kind '\(name)'",
      at: written.location,
      hint: didYouMean(name, among: language.kindNames)
        ?? ForeignWords.kind(for: name).map { "use '\($0)' instead" }
        ?? "kinds are \(Wording.all(language.kindNames))"
    )
    return nil
  }

  private func missingKindHint(_ entries: [YAMLNode.Entry]) -> String {
    let foreign = entries.first { ["type", "uses", "step", "action", "op"].contains($0.key) }
    if let foreign { return "use 'kind' instead of '\(foreign.key)'" }
    return "kinds are \(Wording.all(language.kindNames))"
  }

  private func eachAxes(_ node: YAMLNode?) -> (axes: Set<String>, location: Location)? {
    guard let node else { return nil }
    let scope = Scope(
      parameters: [:],
      matrix: outline.matrix,
      point: MatrixPoint(),
      needs: nil,
      findings: findings
    )
    let reader = FieldReader(
      scope: scope,
      files: files,
      folder: folder,
      notYet: language.notYet
    )
    guard let value = reader.read(node, as: .oneOrMany(.axis), field: "each"),
      case .list(let names) = value.kind
    else { return nil }
    let axes = names.compactMap { name -> String? in
      if case .json(let json) = name.kind { json.string } else { nil }
    }
    return (Set(axes), node.location)
  }
}
