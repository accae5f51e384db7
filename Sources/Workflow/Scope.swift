import Diagnostics
import YAMLTree

/// What names stand for at one point of the matrix.
struct Scope {
  /// Axes that a text mentions and that the point does not have: drafting starts without axes and
  /// adds those that turn out to be needed.
  final class Needs {
    var axes: Set<String> = []
  }

  let parameters: [String: YAMLNode]
  let matrix: Matrix
  let point: MatrixPoint
  /// Nil where the matrix has no say: in the models, the budget and the matrix itself.
  let needs: Needs?
  let findings: Findings

  /// What a name in `${…}` came to be.
  enum Found {
    case value(YAMLNode)
    /// Known once the node is drafted at points of a further axis.
    case pending
    case nothing(message: String, hint: String?)
  }

  /// Finds what `${a.b}` stands for.
  func find(_ steps: [String]) -> Found {
    let name = steps[0]
    if let parameter = parameters[name] {
      findings.used.insert(name)
      guard steps.count == 1 else {
        return .nothing(
          message: "'\(name)' is a parameter and has no settings",
          hint: "write '${\(name)}'"
        )
      }
      return .value(parameter)
    }
    guard let axis = matrix.axis(name) else { return unknown(name) }
    guard let needs else {
      return .nothing(
        message: "'\(name)' is an axis of the matrix, which has no value here",
        hint: "only nodes run at points of the matrix; use a parameter"
      )
    }
    findings.used.insert(name)
    guard let value = point[name].flatMap({ axis.value($0) }) else {
      needs.axes.insert(name)
      return .pending
    }
    return setting(steps.dropFirst(), of: value, axis)
  }

  private func setting(
    _ steps: ArraySlice<String>,
    of value: Matrix.AxisValue,
    _ axis: Matrix.Axis
  ) -> Found {
    guard !steps.isEmpty else { return .value(value.node) }
    guard var current = value.settings else {
      return .nothing(
        message: "axis '\(axis.name)' is a list, so its values have no settings",
        hint:
          "write the axis as a map of points: {\(axis.values[0].text): {\(steps.first ?? ""): …}}"
      )
    }
    for step in steps {
      guard let next = current[step] else {
        let names = current.map?.map(\.key) ?? []
        return .nothing(
          message: "point '\(value.text)' of axis '\(axis.name)' has no setting '\(step)'",
          hint: didYouMean(step, among: names) ?? Self.listing(names)
        )
      }
      current = next
    }
    return .value(current)
  }

  private static func listing(_ names: [String]) -> String? {
    names.isEmpty ? nil : "it has \(Wording.all(names))"
  }

  private func unknown(_ name: String) -> Found {
    let names = parameters.keys.sorted() + matrix.axes.map(\.name)
    return .nothing(
      message: "'${\(name)}' is neither a parameter nor an axis",
      hint: didYouMean(name, among: names)
        ?? "declare it under 'parameters:' or 'matrix:'; for the characters themselves, or a "
        + "variable of the shell, write '$${\(name)}'"
    )
  }
}

// MARK: - Putting values into texts

extension Scope {
  /// How often a value may hold names of values again.
  private static let depthLimit = 8

  /// The scalar with its `${…}` put in; anything else as it is.
  ///
  /// A scalar that is exactly one `${name}` takes the value with its type, any other becomes a text.
  ///
  /// - Parameter node: A node of the tree; its place stays.
  /// - Returns: The node; nil where a name is not known, which is reported, or is pending.
  func expand(_ node: YAMLNode) -> YAMLNode? { expand(node, depth: 0) }

  private func expand(_ node: YAMLNode, depth: Int) -> YAMLNode? {
    guard case .text(let text) = node.value, Substitution.isNeeded(in: text) else { return node }
    guard depth < Self.depthLimit else {
      findings.error(
        "'\(text)' is put into itself again and again",
        at: node.location,
        hint: "a value that holds '${…}' must not lead back to itself"
      )
      return nil
    }
    let pieces = Substitution(text).pieces
    if pieces.count == 1, case .name(let steps, let range) = pieces[0] {
      return value(of: steps, range, in: node, depth: depth)
        .map { $0.moved(to: node.location) }
    }
    var result = ""
    var isComplete = true
    for piece in pieces {
      switch piece {
      case .text(let plain): result += plain
      case .malformed(let written, let range):
        findings.error(
          "'\(written)' is no '${name}'",
          at: node.location(ofScalars: range),
          hint: "names are letters, digits, '-', '_' and dots; there are no expressions"
        )
        isComplete = false
      case .name(let steps, let range):
        if let value = value(of: steps, range, in: node, depth: depth) {
          result += value.scalarText ?? ""
        } else {
          isComplete = false
        }
      }
    }
    guard isComplete else { return nil }
    return YAMLNode(.text(result), at: node.location, scalarText: result, isQuoted: node.isQuoted)
  }

  private func value(of steps: [String], _ range: Range<Int>, in node: YAMLNode, depth: Int)
    -> YAMLNode?
  {
    let place = node.location(ofScalars: range)
    switch find(steps) {
    case .pending: return nil
    case .nothing(let message, let hint):
      findings.error(message, at: place, hint: hint)
      return nil
    case .value(let value):
      guard value.list == nil, value.map == nil else {
        findings.error(
          "'${\(steps.joined(separator: "."))}' is \(value.kindName); only texts and numbers can "
            + "be put in",
          at: place,
          hint: value.map == nil
            ? nil : "'with: \(steps.joined(separator: "."))' merges a map into a node"
        )
        return nil
      }
      return expand(value, depth: depth + 1)
    }
  }
}

extension YAMLNode {
  /// The same value at another place.
  fileprivate func moved(to place: Location) -> YAMLNode {
    YAMLNode(value, at: place, scalarText: scalarText, isQuoted: isQuoted)
  }

  /// The place of some scalars of a text, if it was written on one line without escapes; else the
  /// whole.
  func location(ofScalars range: Range<Int>) -> Location {
    let quotes = isQuoted ? 1 : 0
    let count = scalarText?.unicodeScalars.count ?? -1
    guard location.length == count + 2 * quotes else { return location }
    return Location(
      file: location.file,
      line: location.line,
      column: location.column + quotes + range.lowerBound,
      length: range.count
    )
  }
}
