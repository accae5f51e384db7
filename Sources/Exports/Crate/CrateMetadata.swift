import Lineage
import Primitives
import Store

/// The files that a crate has of its own: the description, the run's record, a page for people.
struct CrateMetadata {
  static let description = "ro-crate-metadata.json"
  static let record = "run.json"
  static let readme = "README.md"
  /// Names that nothing else in a crate may have.
  static let ownFiles = [description, record, readme]

  let run: RecordedRun
  let contents: CrateContents
  let graph: CrateGraph

  /// In the order of writing: the description comes last, since it makes a folder a crate.
  var files: [(name: String, bytes: [UInt8])] {
    [
      (Self.record, Self.text(CrateRecord.json(of: run, contents))),
      (Self.readme, Array(CrateReadme.text(of: run, contents).utf8)),
      (Self.description, Self.text(graph.document)),
    ]
  }

  /// Indented JSON in which no text can end a script element or reorder a line, wherever a page or a
  /// terminal shows it: such characters are written by their numbers, which says the same.
  private static func text(_ json: JSON) -> [UInt8] {
    var bytes: [UInt8] = []
    // Outside of texts JSON has none of these characters.
    for scalar in json.prettyText.unicodeScalars {
      if isShownAsItself(scalar) {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      } else {
        let digits = String(scalar.value, radix: 16)
        bytes.append(
          contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
        )
      }
    }
    return bytes + [UInt8(ascii: "\n")]
  }

  private static func isShownAsItself(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3C, 0x3E, 0x26, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
      false
    default: true
    }
  }
}

/// The record of a run as it goes out: without the paths of the machine, and of models only what
/// their declarations hold.
enum CrateRecord {
  /// Members of a record that are known to hold nothing else.
  private static let kept: Set<String> = [
    "version", "id", "parameters", "tool", "started_at_ms", "summary", "machine", "instances",
  ]

  static func json(of run: RecordedRun, _ contents: CrateContents) -> JSON {
    var members = JSONObject(
      (run.json.object?.members ?? []).filter { kept.contains($0.key) }
    )
    members["workflow"] = [
      "name": .string(run.workflow.name), "path": .string(contents.workflow.reference),
      "sha256": .string(contents.workflow.object.digest.hex),
    ]
    members["git"] = run.git.map(json) ?? .null
    members["models"] = .object(
      JSONObject(
        run.models.map { model in
          (
            model.name,
            [
              "declared": PublicModel(model).json,
              "identity": model.identity,
            ]
          )
        }
      )
    )
    members["files"] = .array(
      contents.inputs.map { input in
        [
          "path": .string(input.entry.path ?? input.entry.title),
          "sha256": .string(input.file.object.digest.hex), "size": JSON(input.file.object.size),
        ]
      }
    )
    return .object(members)
  }

  private static func json(_ git: RecordedGit) -> JSON {
    [
      "commit": JSON(git.commit), "branch": JSON(git.branch), "remote": JSON(git.publicRemote),
      "dirty": .bool(git.isDirty), "run_commit": JSON(git.runCommit), "ref": JSON(git.ref),
      "inputs": .array(
        git.inputs.filter { $0.status != "outside" && !$0.path.hasPrefix("/") }.map { input in
          [
            "path": .string(input.path), "status": .string(input.status),
            "blob": JSON(input.blob), "head_blob": JSON(input.headBlob),
            "pinned": JSON(input.pinned),
          ]
        }
      ),
    ]
  }
}
