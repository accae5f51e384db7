import Lineage
import Primitives
import Store

// The workflow as it was written: its file, its steps, the tools that they use, what it takes and
// gives, and the commit that it was read from.

extension CrateGraph {
  static let sourceID = "#source"
  private static let languageID = "#language"

  var engineID: String { "urn:distill:\(CrateEntity.idPart(run.tool))" }

  func toolID(of kind: String) -> String { "\(engineID):\(CrateEntity.idPart(kind))" }

  func stepID(of instance: RecordedInstance) -> String {
    "#step/\(CrateEntity.idPart(Self.node(of: instance)))"
  }

  /// The node that an instance is a point of.
  static func node(of instance: RecordedInstance) -> String {
    instance.id.split(separator: "@", maxSplits: 1).first.map(String.init) ?? instance.id
  }

  var workflowEntities: [CrateEntity] {
    [workflow, language, engine] + tools + steps + source
  }

  private var workflow: CrateEntity {
    let file = contents.workflow
    return CrateEntity(
      file.reference,
      "File",
      "SoftwareSourceCode",
      "ComputationalWorkflow",
      "HowTo",
      members: [
        ("name", .string(run.workflow.name)), ("alternateName", .string(file.title)),
        ("encodingFormat", .string(file.mediaType)),
        ("contentSize", .string("\(file.object.size)")),
        ("sha256", .string(file.object.digest.hex)),
        // Where no commit holds the workflow, its bytes are its version.
        ("version", .string(run.git?.runCommit ?? run.git?.commit ?? file.object.digest.hex)),
        ("codeRepository", run.git?.publicRemote.map(JSON.string)),
        ("programmingLanguage", CrateEntity.reference(to: Self.languageID)),
        (
          "conformsTo",
          CrateEntity.reference(
            to: "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
          )
        ),
        ("hasPart", CrateEntity.references(to: kinds.map { toolID(of: $0) })),
        ("step", CrateEntity.references(to: run.instances.map(stepID))),
        ("input", CrateEntity.references(to: inputParameterIDs)),
        ("output", CrateEntity.references(to: tables.map(outputParameterID))),
      ]
    )
  }

  private var language: CrateEntity {
    CrateEntity(
      Self.languageID,
      "ComputerLanguage",
      members: [("name", "Distill workflow"), ("version", .string(run.tool))]
    )
  }

  private var engine: CrateEntity {
    CrateEntity(
      engineID,
      "SoftwareApplication",
      members: [("name", "distill"), ("softwareVersion", .string(run.tool))]
    )
  }

  /// Kinds of which something ran; a tool that nothing was done with is no tool of the profile.
  private var kinds: [String] {
    var seen: Set<String> = []
    return run.instances.filter(Self.hasAction).map(\.kind).filter { seen.insert($0).inserted }
  }

  private var tools: [CrateEntity] {
    kinds.map { kind in
      let version = run.instances.first { $0.kind == kind && preimages[$0.id] != nil }.flatMap {
        preimages[$0.id]?["kind_version"]?.int
      }
      return CrateEntity(
        toolID(of: kind),
        "SoftwareApplication",
        members: [
          ("name", .string("distill: \(kind)")),
          (
            "softwareVersion",
            .string(version.map { "\(run.tool), \(kind) \($0)" } ?? run.tool)
          ),
        ]
      )
    }
  }

  private var steps: [CrateEntity] {
    var seen: Set<String> = []
    let first = run.instances.filter { seen.insert(stepID(of: $0)).inserted }
    let done = Set(kinds)
    return first.enumerated().map { position, instance in
      // The profile wants a tool at each step; that of a kind of which nothing ran is the engine.
      let tool = done.contains(instance.kind) ? toolID(of: instance.kind) : engineID
      return CrateEntity(
        stepID(of: instance),
        "HowToStep",
        members: [
          ("name", .string(Self.node(of: instance))), ("position", .string("\(position + 1)")),
          ("workExample", CrateEntity.reference(to: tool)),
        ]
      )
    }
  }

  private var source: [CrateEntity] {
    guard let git = run.git, let commit = git.runCommit ?? git.commit else { return [] }
    let dirty = "Inputs had changes that no commit of a branch holds."
    return [
      CrateEntity(
        Self.sourceID,
        "SoftwareSourceCode",
        members: [
          ("name", .string("The inputs of the run, in git")), ("version", .string(commit)),
          ("codeRepository", git.publicRemote.map(JSON.string)),
          ("identifier", git.ref.map(JSON.string)), ("alternateName", git.branch.map(JSON.string)),
          ("description", git.isDirty ? .string(dirty) : nil),
        ]
      )
    ]
  }
}
