import Diagnostics
import Testing
import YAMLTree

/// A YAML text in which the expected places are marked by `‹` and `›`, so that tests count no
/// columns.
struct Marked {
  let bytes: [UInt8]
  /// Line, column and length of each mark, in the order of their beginnings.
  let places: [Location]

  init(_ text: String) {
    var plain = String.UnicodeScalarView()
    var open: [Int] = []
    var found: [Location] = []
    var (line, column) = (1, 1)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "‹":
        open.append(found.count)
        found.append(Location(file: "t.yaml", line: line, column: column))
      case "›":
        let index = open.removeLast()
        let start = found[index]
        found[index] = Location(
          file: "t.yaml",
          line: start.line,
          column: start.column,
          length: column - start.column
        )
      default:
        plain.append(scalar)
        (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
      }
    }
    bytes = Array(String(plain).utf8)
    places = found
  }

  /// The tree, which must be without problems.
  func tree() throws(Problems) -> YAMLNode { try YAMLLoader.load(bytes, file: "t.yaml") }

  /// The problems, of which there must be some.
  func problems(limits: YAMLLimits = YAMLLimits()) -> [Problem] {
    do throws(Problems) {
      _ = try YAMLLoader.load(bytes, file: "t.yaml", limits: limits)
      Issue.record("read without a problem")
      return []
    } catch {
      return error.all
    }
  }
}
