package import Diagnostics
import Foundation
import Primitives

/// The templates that a workflow may name as `task/style`.
///
/// A name is a file `task/style.yaml` in one of several folders; the first that has it wins, so a
/// project overrides what is shipped.
package struct TemplateLibrary: Sendable {
  private let folders: [String]

  /// - Parameter folders: The project's first, the shipped one last; missing ones are empty.
  package init(folders: [String]) {
    self.folders = folders
  }

  /// Every name there is, sorted by bytes.
  package var names: [String] {
    var names: Set<String> = []
    for folder in folders {
      for task in Self.entries(of: folder) where Self.isName(task) {
        for file in Self.entries(of: "\(folder)/\(task)") where file.hasSuffix(".yaml") {
          let style = String(file.dropLast(5))
          if Self.isName(style) { names.insert("\(task)/\(style)") }
        }
      }
    }
    return names.sorted(by: UTF8Order.less)
  }

  /// The file that a name means; nil where there is none, or where the text is no such name.
  package func path(of name: String) -> String? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ Self.isName(String($0)) }) else { return nil }
    return folders.lazy.map { "\($0)/\(name).yaml" }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Reads the template of a name.
  ///
  /// Blocking.
  /// - Throws: `Problems`: without position for a name that means nothing, with positions for what
  ///   is wrong in the file; `SystemError` when it cannot be read.
  package func load(_ name: String) throws -> Template {
    guard let path = path(of: name) else { throw Problems([missing(name, at: nil)]) }
    return try Template(contentsOf: path, name: name)
  }

  /// The problem of a name that no folder has, with the nearest one that is there.
  package func missing(_ name: String, at location: Location?) -> Problem {
    let names = names
    let list = names.isEmpty ? "there are none" : "there are \(Wording.all(names))"
    return Problem(
      "no template is named '\(name)'",
      at: location,
      hint: didYouMean(name, among: names) ?? list
    )
  }

  /// Lower-case letters, digits, `-` and `_`: nothing that could leave the folder.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
          || byte == 0x5F
      }
  }

  private static func entries(of folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }
}
