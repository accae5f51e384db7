import Lineage
import Primitives
import Store

/// What of a run goes into its crate beside the descriptions.
package struct CrateSelection: Sendable {
  /// Whether rows stay out: those of results, and the data files that they were read from.
  package var leavesRows = false
  /// Whether the weights of tuned models stay out.
  package var leavesModels = false

  package init(leavesRows: Bool = false, leavesModels: Bool = false) {
    self.leavesRows = leavesRows
    self.leavesModels = leavesModels
  }

  func takes(_ part: String, of instance: RecordedInstance) -> Bool {
    if leavesRows, RowParts.all.contains(part) { return false }
    guard leavesModels, instance.kind == "fine-tune" else { return true }
    return ["model", "manifest", "curve"].contains(part) || part.hasPrefix("result-")
  }
}

/// Parts whose bytes are rows of data, and the kinds that read files of rows.
enum RowParts {
  static let all: Set<String> = ["rows", "ids"]
  static let readers: Set<String> = ["dataset", "import-completions"]
}

/// One file of a crate, or one that was left out of it.
struct CrateFile: Sendable {
  /// Inside of the crate; nil where the bytes are not in it.
  var path: String?
  let object: ObjectRef
  /// As people call it.
  let title: String
  let mediaType: String

  /// How the metadata refers to it.
  var reference: String { path ?? "#object/\(object.digest.hex)" }
}

/// Which files a crate has, and under which paths: decided before anything is written.
struct CrateContents: Sendable {
  private(set) var workflow: CrateFile
  /// Each input at a place of its own, since a workflow names its files by path.
  private(set) var inputs: [(file: RecordedFile, entry: CrateFile)] = []
  /// One for each digest, under the name of the first instance that had it.
  private(set) var outputs: [CrateFile] = []
  private var outputPlaces: [Digest: Int] = [:]

  init(
    _ run: RecordedRun,
    digestOfWorkflow: Digest,
    _ preimages: [String: JSON],
    _ selection: CrateSelection,
    _ objects: ObjectStore
  ) {
    var paths = CratePaths()
    for name in CrateMetadata.ownFiles { _ = paths.path([name]) }
    let rows = Self.filesOfRows(run, preimages)
    workflow = CrateFile(
      path: paths.path(InputPlace.components(ofFileAt: run.workflow.path, in: run)),
      object: ObjectRef(digest: digestOfWorkflow, size: 0),
      title: InputPlace.title(ofFileAt: run.workflow.path, in: run),
      mediaType: MediaType.yaml
    )
    for file in run.files {
      let isTaken = !selection.leavesRows || !rows.contains(file.object.digest)
      let place = InputPlace.components(ofFileAt: file.path, in: run)
      let entry = CrateFile(
        path: isTaken ? paths.path(place) : nil,
        object: file.object,
        title: InputPlace.title(ofFileAt: file.path, in: run),
        mediaType: MediaType.of(fileNamed: place.last ?? "")
      )
      inputs.append((file, entry))
    }
    for instance in run.instances {
      for output in instance.outputs where outputPlaces[output.object.digest] == nil {
        let isTaken = selection.takes(output.part, of: instance) && objects.contains(output.object)
        let name = MediaType.fileName(ofPart: output.part)
        outputPlaces[output.object.digest] = outputs.count
        outputs.append(
          CrateFile(
            path: isTaken ? paths.path(Self.place(of: instance) + [name]) : nil,
            object: output.object,
            title: "\(instance.id): \(output.part)",
            mediaType: MediaType.of(fileNamed: name)
          )
        )
      }
    }
  }

  /// What the metadata calls an object that instances of the run made.
  func output(_ digest: Digest) -> CrateFile? { outputPlaces[digest].map { outputs[$0] } }

  func input(_ digest: Digest) -> CrateFile? {
    inputs.first { $0.entry.object.digest == digest }?.entry
  }

  /// The size is known only when the bytes are there: the record has the digest alone.
  mutating func setWorkflowSize(_ size: Int) {
    workflow = CrateFile(
      path: workflow.path,
      object: ObjectRef(digest: workflow.object.digest, size: size),
      title: workflow.title,
      mediaType: workflow.mediaType
    )
  }

  /// Takes note that the bytes of an input are nowhere to be had.
  mutating func drop(input index: Int) { inputs[index].entry.path = nil }

  /// A folder for each instance; a template of the library, `math/cot`, has one in another.
  private static func place(of instance: RecordedInstance) -> [String] {
    ["outputs"] + instance.id.split(separator: "/").map(String.init)
  }

  /// Digests of the files that nodes read rows from.
  private static func filesOfRows(
    _ run: RecordedRun,
    _ preimages: [String: JSON]
  ) -> Set<Digest> {
    let readers = run.instances.filter { RowParts.readers.contains($0.kind) }
    return Set(readers.flatMap { Preimage.files(preimages[$0.id]).map(\.digest) })
  }
}

/// Where an input stands in a crate: as it does in the repository, so that a run from there reads it.
enum InputPlace {
  static func components(ofFileAt path: String, in run: RecordedRun) -> [String] {
    let parts = relative(path, in: run)?.split(separator: "/").map(String.init)
    guard let parts, !parts.isEmpty, !parts.contains(".."), !parts.contains(".") else {
      return ["outside", lastName(path)]
    }
    return ["files"] + parts
  }

  /// The path below the repository's root, or below the workflow's folder; else only its last name:
  /// the folders of somebody's machine are nobody's business.
  static func title(ofFileAt path: String, in run: RecordedRun) -> String {
    relative(path, in: run) ?? lastName(path)
  }

  /// The path below the root of the run's repository; nil outside of one.
  static func inRepository(_ path: String, of run: RecordedRun) -> String? {
    // Paths of files are absolute, those of git below the root: the longest that fits is its own.
    let fitting = (run.git?.inputs ?? []).filter { input in
      input.status != "outside" && !input.path.hasPrefix("/")
        && path.utf8.reversed().starts(with: "/\(input.path)".utf8.reversed())
    }
    return fitting.max { $0.path.utf8.count < $1.path.utf8.count }?.path
  }

  private static func relative(_ path: String, in run: RecordedRun) -> String? {
    guard run.git == nil else { return inRepository(path, of: run) }
    let bytes = run.workflow.path.utf8
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    let prefix = bytes[...slash]
    guard path.utf8.starts(with: prefix) else { return nil }
    return String(decoding: path.utf8.dropFirst(prefix.count), as: UTF8.self)
  }

  private static func lastName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? "file"
  }
}
