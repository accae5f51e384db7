import Diagnostics
import YAMLTree

/// Puts the values of `--set name=value` in the place of those that the file gives.
enum ParameterSettings {
  /// Takes the values over, each typed like the parameter.
  ///
  /// - Parameters:
  ///   - values: Texts of the command line by name.
  ///   - outline: Where the parameters stand.
  ///   - axes: Names of the matrix, which somebody may try to set.
  ///   - findings: Where values that do not fit are reported.
  static func apply(
    _ values: [String: String],
    to outline: inout Outline,
    axes: [String],
    _ findings: Findings
  ) {
    for (name, text) in values.sorted(by: { $0.key < $1.key }) {
      guard let index = outline.parameters.firstIndex(where: { $0.name == name }) else {
        reportUnknown(name, outline, isAxis: axes.contains(name), findings)
        continue
      }
      let parameter = outline.parameters[index]
      guard let value = value(text, like: parameter.value) else {
        findings.error(
          "'--set \(name)=\(text)' gives a text, but the parameter is "
            + parameter.value.kindName,
          at: parameter.value.location,
          hint: "write a value like the \(parameter.value.scalarText ?? "") here"
        )
        continue
      }
      outline.parameters[index].value = value
    }
  }

  private static func reportUnknown(
    _ name: String,
    _ outline: Outline,
    isAxis: Bool,
    _ findings: Findings
  ) {
    let names = outline.parameters.map(\.name)
    findings.error(
      "'--set \(name)' names no parameter of the workflow",
      at: nil,
      hint: isAxis
        ? "'\(name)' is an axis of the matrix; only parameters can be set"
        : didYouMean(name, among: names)
          ?? (names.isEmpty
            ? "the workflow has no 'parameters:'" : "its parameters are \(Wording.all(names))")
    )
  }

  /// The value with the type of another one; nil where the text is not of that type.
  private static func value(_ text: String, like model: YAMLNode) -> YAMLNode? {
    let typed = CoreSchema.value(of: text)
    let value: YAMLNode.Value? =
      switch (model.value, typed) {
      case (.text, _): .text(text)
      case (.integer, .integer), (.number, .number), (.bool, .bool): typed
      case (.number, .integer(let whole)): .number(Double(whole))
      default: nil
      }
    return value.map {
      YAMLNode($0, at: model.location, scalarText: text, isQuoted: model.isQuoted)
    }
  }
}
