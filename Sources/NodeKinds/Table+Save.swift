package import Diagnostics
import Primitives
package import Workflow

extension Table {
  /// Tables are saved beside the workflow and nowhere else, each under a name of its own: whatever
  /// is wrong with that is said before a call is made (promise P19).
  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    guard let save = instance.settings.text("save") else { return [] }
    let place = instance.settings["save"]?.location ?? instance.location
    if let reason = reason(against: save) {
      return [
        Problem(
          "'save' of '\(instance.id)' is \(OutputPath.shown(save)), which is no path inside the workflow's "
            + "folder: \(reason)",
          at: place,
          hint: "name a file such as 'results/table', without an ending"
        )
      ]
    }
    guard let twin = earlierTwin(of: instance, save, in: plan) else { return [] }
    return [
      Problem(
        "'\(instance.id)' and '\(twin.id)' are both saved as \(OutputPath.shown(save)), or differ only in case",
        at: place,
        hint: "give each a name of its own; the name of an axis, '${axis}', tells instances apart"
      )
    ]
  }

  private static func reason(against save: String) -> String? {
    OutputPath.reason(against: save)
      ?? save.split(separator: "/").filter { $0 != "." }.lazy.compactMap { reserved(String($0)) }
      .first
  }

  /// Names that git or another file system takes for something else.
  private static func reserved(_ step: String) -> String? {
    if step.lowercased() == ".git" { return "'.git' is git's own" }
    if step.hasSuffix(".") || step.hasSuffix(" ") { return "a step ends in a point or a blank" }
    let base = step.split(separator: ".", maxSplits: 1).first.map { $0.uppercased() } ?? ""
    let devices = ["CON", "PRN", "AUX", "NUL"]
    let numbered =
      ["COM", "LPT"].contains(base.prefix(3)) && base.count == 4
      && ("1"..."9").contains(base.suffix(1))
    guard devices.contains(base) || numbered else { return nil }
    return "'\(step)' is a device on some systems"
  }

  /// The table before this one that would be written over it, on a file system that ignores case.
  private static func earlierTwin(
    of instance: Instance,
    _ save: String,
    in plan: Expansion
  ) -> Instance? {
    let name = spelling(save)
    return plan.instances.prefix { $0.id != instance.id }.first { other in
      other.kind == Table.self && other.settings.text("save").map(spelling) == name
    }
  }

  private static func spelling(_ save: String) -> String {
    save.split(separator: "/").filter { $0 != "." }.joined(separator: "/").lowercased()
  }
}
