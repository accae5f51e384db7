package import Diagnostics
package import Primitives
package import Store
import Workflow

/// What a workflow is expected to yield: the text of `<workflow>.lock`, made to be committed.
///
/// One line a fact, sorted by bytes, so that two branches' changes merge as lines. It names no
/// commit, which it would be part of, no time, and nothing of the machine. A space in the name of an
/// instance or a part is written `%20`.
///
///     # distill lock 1
///     file <sha256> <bytes> <path from the workflow's folder, or library:name>
///     node <instance> <kind> <key> <part>=<sha256>/<bytes> …
///     object <sha256> <text>
///     parameter <name> <JSON>
package struct LockFile: Sendable {
  package struct File: Sendable {
    package let path: String
    package let object: ObjectRef
  }

  package struct Node: Sendable {
    package let instance: String
    package let kind: String
    package let key: Digest
    package let parts: [(part: String, object: ObjectRef)]
  }

  package var files: [File] = []
  package var nodes: [Node] = []
  /// Objects that keys are made from and that are a line long: what tuned models are.
  package var objects: [Digest: String] = [:]
  package var parameters = JSONObject()

  package init() {}

  static let header = "# distill lock 1"

  /// Where the lock of a workflow is: beside it, with the ending `lock`.
  package static func path(ofWorkflow path: String) -> String {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init)
    for ending in [".yaml", ".yml"] where name?.hasSuffix(ending) == true {
      return "\(path.dropLast(ending.count)).lock"
    }
    return "\(path).lock"
  }

  package var text: String {
    var lines = files.map { "file \($0.object.digest.hex) \($0.object.size) \($0.path)" }
    lines += nodes.map { node in
      let parts = node.parts.map {
        "\(Self.word($0.part))=\($0.object.digest.hex)/\($0.object.size)"
      }
      let words = ["node", Self.word(node.instance), node.kind, node.key.hex] + parts
      return words.joined(separator: " ")
    }
    lines += objects.map { "object \($0.hex) \($1)" }
    lines += parameters.members.map { "parameter \($0.key) \($0.value.canonicalText)" }
    return ([Self.header] + lines.sorted(by: UTF8Order.less)).joined(separator: "\n") + "\n"
  }
}

extension LockFile {
  /// Reads a lock.
  ///
  /// - Throws: `Problems`, one for each line that is none; marks of a merge that was not finished are
  ///   such lines.
  package init(parsing bytes: [UInt8], path: String) throws(Problems) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    var problems: [Problem] = []
    func add(_ number: Int, _ found: String, hint: String) {
      problems.append(
        Problem(found, at: Location(file: path, line: number, column: 1), hint: hint)
      )
    }
    if lines.first != Self.header {
      add(1, "this is no lock that this version reads", hint: "its first line is '\(Self.header)'")
    }
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      guard !take(line) else { continue }
      let isMerge = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].contains { line.hasPrefix($0) }
      add(
        index + 1,
        isMerge ? "a merge was not finished here" : "this line is no entry of a lock",
        hint: "'distill run --lock' writes the file anew"
      )
    }
    guard problems.isEmpty else { throw Problems(problems) }
  }

  /// Takes one line; false if it is none.
  private mutating func take(_ line: String) -> Bool {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    func rest(_ count: Int) -> String { words.dropFirst(count).joined(separator: " ") }
    switch words[0] {
    case "file" where words.count >= 4:
      guard let digest = Digest(hex: words[1]), let size = Int(words[2]) else { return false }
      files.append(File(path: rest(3), object: ObjectRef(digest: digest, size: size)))
    case "node" where words.count >= 4:
      guard let key = Digest(hex: words[3]) else { return false }
      let parts = words.dropFirst(4).compactMap(Self.part)
      guard parts.count == words.count - 4 else { return false }
      nodes.append(Node(instance: Self.name(words[1]), kind: words[2], key: key, parts: parts))
    case "object" where words.count >= 3:
      guard let digest = Digest(hex: words[1]), Digest(of: rest(2)) == digest else { return false }
      objects[digest] = rest(2)
    case "parameter" where words.count >= 3:
      guard let value = try? JSON(parsing: Array(rest(2).utf8)) else { return false }
      parameters[words[1]] = value
    default: return false
    }
    return true
  }

  /// `rows=<sha256>/<bytes>`; a part's name may hold any character but spaces.
  private static func part(_ word: String) -> (part: String, object: ObjectRef)? {
    guard let equals = word.lastIndex(of: "="), let slash = word.lastIndex(of: "/"),
      equals < slash, let digest = Digest(hex: String(word[word.index(after: equals)..<slash])),
      let size = Int(word[word.index(after: slash)...])
    else { return nil }
    return (Self.name(String(word[..<equals])), ObjectRef(digest: digest, size: size))
  }

  /// A name without the characters that end a word or a line.
  private static func word(_ name: String) -> String {
    name.replacing("%", with: "%25").replacing(" ", with: "%20").replacing("\n", with: "%0A")
  }

  private static func name(_ word: String) -> String {
    word.replacing("%0A", with: "\n").replacing("%20", with: " ").replacing("%25", with: "%")
  }
}
