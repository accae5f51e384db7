import ArgumentParser
import Diagnostics
import Foundation
import Primitives
import Store

/// Takes files into the store, where workflows find them by their digests.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract:
      "Take files into the store, so that datasets with a url find them there, offline too.",
    discussion: """
      It prints the SHA-256 of each file and the lines to write in a workflow. A file that is in the \
      store by that digest is never fetched. It is pinned: no collection takes it before \
      'distill cache unpin SHA256'. An archive of 'cache export' is taken over by 'cache import'.
      """
  )

  @Argument(help: "The files.", completion: .file())
  var files: [String]

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let problems = files.compactMap(Self.problem)
    guard problems.isEmpty else {
      ProblemOutput.show(problems, common)
      throw ExitStatus.usage
    }
    try await StoreCommand.with(common, mode: .create) { store in
      var imported: [ImportedFile] = []
      for path in files {
        let file = try await ImportedFile.take(path, into: store)
        imported.append(file)
        if !common.json { Terminal.output(file.text) }
      }
      guard common.json else { return }
      Terminal.output([
        "type": "import-files", "version": 1, "files": .array(imported.map(\.json)),
      ])
    }
  }

  private static func problem(_ path: String) -> Problem? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return Problem(
        "there is no file '\(ForeignText.line(path))'",
        at: nil,
        hint: "name a file on this machine; addresses are fetched by 'distill run'"
      )
    }
    guard isFolder.boolValue else { return nil }
    return Problem(
      "'\(ForeignText.line(path))' is a folder",
      at: nil,
      hint: "name the files in it; a dataset takes a folder of this machine as its 'path'"
    )
  }
}

/// A file that the store holds now.
private struct ImportedFile {
  let path: String
  let object: ObjectRef
  /// Whether the store did not have its bytes before.
  let isNew: Bool

  static func take(_ path: String, into store: Store) async throws -> ImportedFile {
    let digest = try await store.statCache.digest(ofFileAt: path).digest
    let isNew = store.objects.find(digest) == nil
    let object = try await store.objects.put(fileAt: path)
    try await store.pin(.object(object.digest))
    return ImportedFile(path: path, object: object, isNew: isNew)
  }

  /// A line about the file, and a node to copy.
  var text: String {
    let state = isNew ? "in the store now" : "was in the store before"
    return """
      '\(ForeignText.line(path))': \(SizeText.of(object.size)), \(state), pinned
        \(nodeName):
          kind: dataset
          format: \(format)
          url: https://…    # where it is published; these bytes are not fetched
          sha256: \(object.digest.hex)
      """
  }

  var json: JSON {
    [
      "path": .string(path), "sha256": .string(object.digest.hex), "size": JSON(object.size),
      "new": .bool(isNew), "pinned": .bool(true),
    ]
  }

  private var fileName: String { (path as NSString).lastPathComponent }

  /// The file's name as a node may be called.
  private var nodeName: String {
    let stem = (fileName as NSString).deletingPathExtension.lowercased()
    let words = stem.utf8.split { byte in
      !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    let name = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    return name.first?.isLetter == true ? name : "data"
  }

  /// The reader that the name promises.
  private var format: String {
    let ending = (fileName as NSString).pathExtension.lowercased()
    let known = ["csv": "csv", "json": "json", "jsonl": "jsonl", "tsv": "tsv"]
    return known[ending] ?? "FORMAT"
  }
}
