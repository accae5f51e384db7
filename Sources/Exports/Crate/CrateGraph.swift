import Lineage
import Primitives

/// The description of a run by the terms of schema.org and Bioschemas that the profile
/// "Provenance Run Crate" 0.5 chooses: what each entity is, and how they hang together.
///
/// | in the run | in the crate |
/// |---|---|
/// | workflow file | `ComputationalWorkflow`, the crate's main entity |
/// | node | `HowToStep` of it |
/// | kind | `SoftwareApplication`, the tool of a step |
/// | run | `CreateAction` of the workflow, by an `OrganizeAction` of the engine |
/// | instance | `CreateAction` of its kind, and a `ControlAction` of its step |
/// | parameter, input file, table | `FormalParameter`, and what it stood for |
///
/// Source: https://w3id.org/ro/wfrun/provenance/0.5
struct CrateGraph {
  static let context: JSON = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
  ]

  let run: RecordedRun
  let contents: CrateContents
  let preimages: [String: JSON]
  let times: RunTimes
  let license: String?

  var document: JSON {
    [
      "@context": Self.context,
      "@graph": .array(
        (descriptor + profiles + workflowEntities + parameters + files + models + machine + actions)
          .map(\.json)
      ),
    ]
  }

  /// Whether an instance did anything that could be described: one that was skipped did not.
  static func hasAction(_ instance: RecordedInstance) -> Bool { instance.status != "skipped" }
}

// MARK: - The crate itself

extension CrateGraph {
  private static let metadataProfiles = [
    "https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
  ]
  private static let crateProfiles = [
    (id: "https://w3id.org/ro/wfrun/process/0.5", name: "Process Run Crate", version: "0.5"),
    (id: "https://w3id.org/ro/wfrun/workflow/0.5", name: "Workflow Run Crate", version: "0.5"),
    (id: "https://w3id.org/ro/wfrun/provenance/0.5", name: "Provenance Run Crate", version: "0.5"),
    (
      id: "https://w3id.org/workflowhub/workflow-ro-crate/1.0", name: "Workflow RO-Crate",
      version: "1.0"
    ),
  ]

  private var descriptor: [CrateEntity] {
    [
      CrateEntity(
        CrateMetadata.description,
        "CreativeWork",
        members: [
          ("about", CrateEntity.reference(to: "./")),
          ("conformsTo", CrateEntity.references(to: Self.metadataProfiles)),
        ]
      ),
      root,
    ]
  }

  private var root: CrateEntity {
    let parts =
      [contents.workflow.reference]
      + (contents.inputs.map(\.entry) + contents.outputs)
      .compactMap(\.path) + [CrateMetadata.record, CrateMetadata.readme]
    return CrateEntity(
      "./",
      "Dataset",
      members: [
        ("name", .string("Run \(run.id) of \(run.workflow.name)")),
        (
          "description",
          .string(
            "The workflow, inputs, outputs and provenance of one run of distill \(run.tool); it "
              + "\(run.status)."
          )
        ),
        ("datePublished", .string(times.end.description)),
        ("license", .string(license ?? "The run's author has stated no licence.")),
        ("conformsTo", CrateEntity.references(to: Self.crateProfiles.map(\.id))),
        ("mainEntity", CrateEntity.reference(to: contents.workflow.reference)),
        ("hasPart", CrateEntity.references(to: parts)),
        ("mentions", CrateEntity.references(to: actionIDs)),
        ("isBasedOn", run.git?.commit == nil ? nil : CrateEntity.reference(to: Self.sourceID)),
        ("identifier", .string(run.id)),
      ]
    )
  }

  private var profiles: [CrateEntity] {
    Self.crateProfiles.map { profile in
      CrateEntity(
        profile.id,
        "CreativeWork",
        members: [("name", .string(profile.name)), ("version", .string(profile.version))]
      )
    }
  }
}
