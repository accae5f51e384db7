package import Primitives
package import Store
package import Workflow

/// Everything an instance works on, resolved: artifacts, models, files.
///
/// A *slot* names where a reference stands in the settings: `data`, `template[1]`,
/// `columns.tiny distilled`, or the name of a derived input.
package struct Inputs: Sendable {
  package let instance: Instance
  package let artifacts: [(slot: String, input: InputArtifact)]
  package let models: [(slot: String, model: ModelReference)]
  package let files: [(slot: String, file: InputFile)]

  package init(
    instance: Instance,
    artifacts: [(slot: String, input: InputArtifact)],
    models: [(slot: String, model: ModelReference)],
    files: [(slot: String, file: InputFile)]
  ) {
    self.instance = instance
    self.artifacts = artifacts
    self.models = models
    self.files = files
  }

  package var settings: Settings { instance.settings }

  /// The artifact in a slot that holds one; nil where the field is not set.
  package func artifact(_ slot: String) -> Artifact? {
    artifacts.first { $0.slot == slot }?.input.artifact
  }

  /// The artifact of a required field.
  package func require(_ slot: String) -> Artifact {
    guard let artifact = artifact(slot) else {
      preconditionFailure("BUG: '\(instance.id)' has no input '\(slot)'")
    }
    return artifact
  }

  /// Every artifact of a list or a wide reference, in order: `name[0]`, `name[1]` and so on.
  package func all(_ name: String) -> [InputArtifact] {
    artifacts.filter { $0.slot == name || $0.slot.hasPrefix("\(name)[") }.map(\.input)
  }

  package func model(_ slot: String) -> ModelReference? {
    models.first { $0.slot == slot }?.model
  }

  package func requireModel(_ slot: String) -> ModelReference {
    guard let model = model(slot) else {
      preconditionFailure("BUG: '\(instance.id)' has no model in '\(slot)'")
    }
    return model
  }

  package func file(_ slot: String) -> InputFile? { files.first { $0.slot == slot }?.file }
}

/// An artifact and where it came from.
package struct InputArtifact: Sendable {
  package let artifact: Artifact
  package let instance: InstanceID
  package let point: MatrixPoint
  /// The one output of a command that was referred to.
  package let output: String?

  package init(artifact: Artifact, instance: InstanceID, point: MatrixPoint, output: String?) {
    self.artifact = artifact
    self.instance = instance
    self.point = point
    self.output = output
  }
}

/// A file of the user's, or a folder of files, pinned by its digest at the start of the run.
package struct InputFile: Sendable {
  /// Absolute path, where its bytes were found.
  package let path: String
  /// As written in the workflow, for messages.
  package let written: String
  /// The file's bytes; of a folder its listing.
  package let object: ObjectRef
  /// The files of a folder; nil for a file.
  package let listing: FolderListing?

  package init(path: String, written: String, object: ObjectRef, listing: FolderListing? = nil) {
    self.path = path
    self.written = written
    self.object = object
    self.listing = listing
  }
}
