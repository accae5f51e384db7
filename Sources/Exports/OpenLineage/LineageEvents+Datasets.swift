import Primitives
import Store

// Datasets: input files by their place in the repository, objects by instance and part, each with
// its digest as its version.

extension LineageEvents {
  private func version(_ digest: Digest) -> JSON {
    facet("DatasetVersionDatasetFacet", "1-0-1", [("datasetVersion", .string(digest.hex))])
  }

  /// An input file; the same file of another checkout is the same dataset.
  func dataset(_ file: RunIdentity.File) -> JSON {
    [
      "namespace": .string(run.remote ?? "file"), "name": .string(file.name),
      "facets": ["version": version(file.object.digest)],
    ]
  }

  func output(_ instance: ReportedInstance, _ part: String, _ object: ObjectRef) -> JSON {
    // The facts count the rows of an artifact; its other parts are of another length.
    let rows = part == "rows" ? instance.facts["rows"]?.int : nil
    return [
      "namespace": .string(run.namespace),
      "name": .string("\(run.jobName(of: instance.id)).\(part)"),
      "facets": ["version": version(object.digest)],
      "outputFacets": [
        "outputStatistics": facet(
          "OutputStatisticsOutputDatasetFacet",
          "1-0-2",
          [("rowCount", rows.map { JSON($0) }), ("size", JSON(object.size))]
        )
      ],
    ]
  }

  /// What went into an instance: parts that other instances made, and files.
  func inputs(of instance: ReportedInstance, _ preimage: JSON?) -> [JSON] {
    var seen: Set<String> = []
    let parts = instance.inputs.members.flatMap { slot in
      let named = slot.value["@instance"]?.string ?? instance.sources[slot.key]?.string
      return (slot.value.object?.members ?? []).compactMap { part -> JSON? in
        guard let digest = part.value.string.flatMap({ Digest(hex: $0) }) else { return nil }
        let maker = named.map { ($0, part.key) } ?? makers[digest].map { ($0.instance, $0.part) }
        guard let (instance, name) = maker else { return nil }
        let title = "\(run.jobName(of: instance)).\(name)"
        guard seen.insert(title).inserted else { return nil }
        return [
          "namespace": .string(run.namespace), "name": .string(title),
          "facets": ["version": version(digest)],
        ]
      }
    }
    let files = Preimage.files(preimage).compactMap { file in
      run.files.first { $0.object.digest == file.digest }
    }
    return parts + files.filter { seen.insert("file \($0.name)").inserted }.map(dataset)
  }
}
