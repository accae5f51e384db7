import Lineage
import Primitives
import Store

// What a run was given and what it gave, as parameters of its workflow: each a slot (a
// `FormalParameter`) and what stood in it.

extension CrateGraph {
  private static func parameterID(_ name: String) -> String {
    "#parameter/\(CrateEntity.idPart(name))"
  }

  static func valueID(_ name: String) -> String { "#value/\(CrateEntity.idPart(name))" }

  private static func inputID(_ entry: CrateFile, _ index: Int) -> String {
    "#input/\(index + 1)/\(CrateEntity.idPart(entry.title))"
  }

  func outputParameterID(_ table: CrateFile) -> String {
    "#output/\(CrateEntity.idPart(table.title))"
  }

  var inputParameterIDs: [String] {
    run.parameters.keys.map(Self.parameterID) + takenInputs.map { Self.inputID($0.entry, $0.index) }
  }

  /// The inputs whose bytes are in the crate; the others are no files of it.
  private var takenInputs: [(index: Int, entry: CrateFile)] {
    contents.inputs.enumerated().filter { $0.element.entry.path != nil }.map {
      ($0.offset, $0.element.entry)
    }
  }

  /// What the workflow is for: its tables, else its scores.
  var tables: [CrateFile] {
    let kinds = ["table", "evaluate", "judge", "rate"]
    let parts = ["table.md", "table.csv", "table", "summary"]
    var seen: Set<Digest> = []
    return run.instances.filter { kinds.contains($0.kind) }.flatMap { instance in
      instance.outputs.filter { parts.contains($0.part) }.compactMap { output in
        seen.insert(output.object.digest).inserted ? contents.output(output.object.digest) : nil
      }
    }.filter { $0.path != nil }
  }

  var parameters: [CrateEntity] {
    let values = run.parameters.members.flatMap { member in
      [
        CrateEntity(
          Self.parameterID(member.key),
          "FormalParameter",
          members: [
            ("name", .string(member.key)), ("additionalType", .string(Self.type(of: member.value))),
            ("conformsTo", Self.profile),
            ("workExample", CrateEntity.reference(to: Self.valueID(member.key))),
          ]
        ),
        CrateEntity(
          Self.valueID(member.key),
          "PropertyValue",
          members: [
            ("name", .string(member.key)), ("value", Self.plain(member.value)),
            ("exampleOfWork", CrateEntity.reference(to: Self.parameterID(member.key))),
          ]
        ),
      ]
    }
    let inputs = takenInputs.map { slot(Self.inputID($0.entry, $0.index), $0.entry) }
    return values + inputs + tables.map { slot(outputParameterID($0), $0) }
  }

  /// The slot that a file stands in.
  func slotID(of path: String) -> String? {
    if let input = takenInputs.first(where: { $0.entry.path == path }) {
      return Self.inputID(input.entry, input.index)
    }
    return tables.first { $0.path == path }.map(outputParameterID)
  }

  private func slot(_ id: String, _ file: CrateFile) -> CrateEntity {
    CrateEntity(
      id,
      "FormalParameter",
      members: [
        ("name", .string(file.title)), ("additionalType", "File"), ("conformsTo", Self.profile),
        ("workExample", CrateEntity.reference(to: file.reference)),
      ]
    )
  }

  private static let profile = CrateEntity.reference(
    to: "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
  )

  /// The schema.org type of a parameter's value.
  private static func type(of value: JSON) -> String {
    switch value {
    case .bool: "Boolean"
    case .integer: "Integer"
    case .number: "Float"
    case .null, .string, .array, .object: "Text"
    }
  }

  /// A scalar itself; JSON-LD would take a map or a list for something of its own.
  private static func plain(_ value: JSON) -> JSON {
    switch value {
    case .null, .array, .object: .string(value.compactText)
    default: value
    }
  }
}
