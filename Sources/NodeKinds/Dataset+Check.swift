package import Diagnostics
import Downloads
import Primitives
import Tasks
package import Workflow

extension Dataset {
  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let settings = instance.settings
    return originProblems(instance, settings) + readingProblems(instance, settings)
      + urlProblems(instance, settings) + hubProblems(settings)
  }

  /// The fields that say where rows come from.
  private static let origins = ["path", "url", "hugging_face", "data"]
  private static let originHint =
    "write 'format' and 'path' for a file or folder, 'format', 'url' and 'sha256' for a published "
    + "file, 'hugging_face' for rows of the Hub, or 'data' for rows of another dataset"

  private static func originProblems(_ instance: Instance, _ settings: Settings) -> [Problem] {
    let written = origins.filter { settings[$0] != nil }
    guard written.count != 1 else { return [] }
    guard let second = written.dropFirst().first else {
      return [
        Problem(
          "'\(instance.node)' has none of \(Wording.all(origins))",
          at: instance.location,
          hint: originHint
        )
      ]
    }
    return [
      Problem(
        "'\(instance.node)' has both '\(written[0])' and '\(second)'; a dataset comes from one of them",
        at: settings[second]?.location,
        hint: originHint
      )
    ]
  }

  /// `format` and `fields` go with what is read, and with nothing else.
  private static func readingProblems(_ instance: Instance, _ settings: Settings) -> [Problem] {
    var problems: [Problem] = []
    if let origin = ["path", "url"].first(where: { settings[$0] != nil }),
      settings["format"] == nil
    {
      problems.append(
        Problem(
          "'\(instance.node)' has \(origin == "url" ? "an" : "a") '\(origin)' but no 'format'",
          at: settings[origin]?.location,
          hint: "add 'format:', one of \(DatasetReaders.formats.joined(separator: ", "))"
        )
      )
    }
    let isRead = ["path", "url", "hugging_face"].contains { settings[$0] != nil }
    for name in ["format", "fields"] where settings["data"] != nil && !isRead {
      guard let value = settings[name] else { continue }
      problems.append(
        Problem(
          "'\(name)' says how to read a file, but '\(instance.node)' takes rows of another dataset",
          at: value.location,
          hint: "remove '\(name)'"
        )
      )
    }
    return problems
  }

  private static func urlProblems(_ instance: Instance, _ settings: Settings) -> [Problem] {
    guard let value = settings["url"], let url = value.json?.string else {
      return settings["sha256"].map { digest in
        [
          Problem(
            "'sha256' is of the file that 'url' leads to, and '\(instance.node)' has no 'url'",
            at: digest.location,
            hint: "add 'url', or remove 'sha256'"
          )
        ]
      } ?? []
    }
    var problems: [Problem] = []
    if let problem = RemoteURL.problem(of: url) {
      problems.append(Problem(problem.message, at: value.location, hint: problem.hint))
    } else if let ending = RemoteURL.packedEnding(of: url) {
      problems.append(
        Problem(
          "'\(url)' leads to a packed file (\(ending)), which no reader reads",
          at: value.location,
          hint: "download and unpack it, and use 'path', or use a file that is published unpacked"
        )
      )
    }
    if settings["sha256"] == nil {
      problems.append(
        Problem(
          "'\(instance.node)' has a 'url' but no 'sha256', so nothing says which bytes are meant",
          at: value.location,
          hint: "download the file, look at it, and run 'distill import FILE': it prints the line "
            + "'sha256: …' to add, and keeps the bytes"
        )
      )
    }
    return problems + digestProblems(settings["sha256"], settings.text("sha256"))
  }

  private static func hubProblems(_ settings: Settings) -> [Problem] {
    guard let value = settings["hugging_face"] else { return [] }
    var problems: [Problem] = []
    if let revision = settings.json("hugging_face", "revision")?.string, !isHex(revision, 40) {
      problems.append(
        Problem(
          "'hugging_face.revision' takes the id of a commit, 40 digits 0-9 a-f, but here is "
            + "'\(revision)'",
          at: value.location,
          hint: "a branch or tag moves; the Hub shows the ids of commits under 'Files', 'History'"
        )
      )
    }
    let digest = settings.json("hugging_face", "sha256")?.string
    return problems + digestProblems(value, digest)
  }

  private static func digestProblems(_ value: SettingValue?, _ text: String?) -> [Problem] {
    guard let text, !isHex(text, 64) else { return [] }
    return [
      Problem(
        "'sha256' takes 64 digits 0-9 a-f, but here is '\(text)'",
        at: value?.location,
        hint: "'distill import FILE' and 'sha256sum FILE' print them"
      )
    ]
  }

  private static func isHex(_ text: String, _ count: Int) -> Bool {
    text.utf8.count == count
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      }
  }
}
