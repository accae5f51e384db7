import Diagnostics
import Primitives
import Tasks
import Workflow

/// Whether `as:` names a reading that stands by itself.
enum ReadingRule {
  /// What to write where nothing says how answers are read.
  static let hint =
    "add 'as:', one of \(Reading.ownForms.joined(separator: ", ")), or a reading as a harness does it"

  /// A problem for a form that needs what only a template can give: labels, a pattern.
  static func check(_ instance: Instance) -> [Problem] {
    guard let value = instance.settings["as"], let form = value.json?.string else { return [] }
    do throws(Problem) {
      _ = try Reading(as: form)
      return []
    } catch {
      return [error.at(value.location)]
    }
  }
}
