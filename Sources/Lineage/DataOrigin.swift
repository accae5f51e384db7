import Primitives
import Store
import Tasks

/// The file that a dataset's rows were read from, through all datasets that only took some of them.
struct DataOrigin {
  let file: FileTrail?
  private let reader: Step

  init(_ step: Step, _ trail: Trail) {
    var step = step
    while let before = step.maker(of: "data").flatMap({ trail[$0] }), before.kind == "dataset" {
      step = before
    }
    reader = step
    file =
      step.sources.lazy.compactMap { source -> FileTrail? in
        guard case .file(let file) = source.origin else { return nil }
        return file
      }.first
  }

  /// Where rows stand in the file, by the bytes of their ids; of a file whose bytes are gone, or that
  /// a present reader refuses, no row has a place.
  func places(
    of ids: Set<[UInt8]>,
    _ objects: ObjectStore
  ) async throws -> [[UInt8]: RowPlace] {
    guard let file, let object = objects.find(file.digest),
      let format = reader.settings["format"]?.string
    else { return [:] }
    let columns = reader.settings["fields"]?.object?.members.compactMap { member in
      member.value.string.map { (task: member.key, column: $0) }
    }
    let source = DatasetSource(
      path: try await objects.verifiedPath(object),
      format: format,
      fields: columns
    )
    return try await Blocking.run { (try? DatasetLoader.places(of: ids, in: source)) ?? [:] }
  }
}
