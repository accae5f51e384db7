import Lineage
import Primitives
import Store

// The files of a crate, what was left out of it, the models that were called and the machine.

extension CrateGraph {
  var files: [CrateEntity] {
    var seen: Set<String> = [contents.workflow.reference]
    let all = (contents.inputs.map(\.entry) + contents.outputs).filter {
      seen.insert($0.reference).inserted
    }
    return all.map(entity) + ownFiles
  }

  private func entity(of file: CrateFile) -> CrateEntity {
    guard let path = file.path else {
      return CrateEntity(
        file.reference,
        "CreativeWork",
        members: [
          ("name", .string(file.title)), ("encodingFormat", .string(file.mediaType)),
          ("contentSize", .string("\(file.object.size)")),
          ("sha256", .string(file.object.digest.hex)),
          ("description", "Not in this crate; whoever has bytes with this digest has it."),
        ]
      )
    }
    return CrateEntity(
      path,
      "File",
      members: [
        ("name", .string(file.title)), ("encodingFormat", .string(file.mediaType)),
        ("contentSize", .string("\(file.object.size)")),
        ("sha256", .string(file.object.digest.hex)),
        ("exampleOfWork", slotID(of: path).map { CrateEntity.reference(to: $0) }),
      ]
    )
  }

  private var ownFiles: [CrateEntity] {
    [
      CrateEntity(
        CrateMetadata.record,
        "File",
        members: [
          ("name", "The record of the run"), ("encodingFormat", .string(MediaType.json)),
          ("about", CrateEntity.reference(to: runID)),
        ]
      ),
      CrateEntity(
        CrateMetadata.readme,
        "File",
        members: [
          ("name", "What is in this crate"), ("encodingFormat", "text/markdown"),
          ("about", CrateEntity.reference(to: "./")),
        ]
      ),
    ]
  }

  private static func modelID(_ name: String) -> String { "#model/\(CrateEntity.idPart(name))" }

  var models: [CrateEntity] {
    run.models.map { recorded in
      let model = PublicModel(recorded)
      return CrateEntity(
        Self.modelID(model.name),
        "CreativeWork",
        members: [
          ("name", .string(model.title)), ("alternateName", .string(model.name)),
          ("version", model.revision.map(JSON.string)), ("url", model.baseURL.map(JSON.string)),
          ("identifier", .string(recorded.identity.canonicalText)),
        ]
      )
    }
  }

  /// What an identity in a preimage stands for: a model that the workflow declares, or the files of
  /// one that a node of this run made.
  func modelReferences(_ identity: JSON) -> [String] {
    if let declared = run.models.first(where: { $0.identity == identity }) {
      return [Self.modelID(declared.name)]
    }
    return Preimage.digests(in: identity).compactMap { contents.output($0)?.reference }
  }

  private static func machineID(_ name: String) -> String { "#machine/\(CrateEntity.idPart(name))" }

  var machineIDs: [String] { (run.machine.object?.keys ?? []).map(Self.machineID) }

  var machine: [CrateEntity] {
    (run.machine.object?.members ?? []).map { member in
      CrateEntity(
        Self.machineID(member.key),
        "PropertyValue",
        members: [
          ("name", .string(member.key)),
          ("value", .string(member.value.string ?? member.value.compactText)),
        ]
      )
    }
  }
}
