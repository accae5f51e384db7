import Diagnostics
import Execution
import Primitives
import Store
import Workflow

extension Engine {
  /// Rows that are in two places which must not share any, by content: what the fields of the task
  /// say, without id and label.
  ///
  /// A scored row among those that the scored model was trained on is an error, unless the scoring
  /// node has `allow_overlap: true` or errors are not wanted; rows shared with few-shot examples or
  /// with the rows that something was tuned on are warnings, and so are rows shared by training and
  /// tuning. Datasets that are not there yet are left out.
  func overlaps(_ yields: [InstanceID: Yield], areErrors: Bool) async throws -> [Problem] {
    var search = OverlapSearch(self, yields)
    for pair in OverlapPairs(resolver).all { try await search.compare(pair) }
    return search.found.map { $0.problem(areErrors: areErrors) }
  }
}

/// Which datasets of a workflow are to be compared.
private struct OverlapPairs {
  private(set) var all: [OverlapPair] = []

  init(_ resolver: InputResolver) {
    for instance in resolver.expansion.instances {
      let tests = RowLineage.tests(of: instance, resolver)
      let isTraining = instance.kind.outputs.contains(.model)
      guard !tests.isEmpty || isTraining else { continue }
      let uses = RowLineage(upstreamOf: instance.id, resolver).uses
      for test in tests { all += uses.map { OverlapPair(of: instance, test, $0) } }
      guard isTraining else { continue }
      for tuning in uses where tuning.role == .tuning {
        all += uses.filter { $0.role == .training }.map { OverlapPair(of: instance, tuning, $0) }
      }
    }
  }
}

/// Two datasets that one instance rests on.
struct OverlapPair {
  let instance: Instance
  let left: RowLineage.Use
  let right: RowLineage.Use

  init(of instance: Instance, _ left: RowLineage.Use, _ right: RowLineage.Use) {
    self.instance = instance
    self.left = left
    self.right = right
  }
}

/// Compares datasets, each two once.
private struct OverlapSearch {
  private struct Twins: Hashable {
    let left: Digest
    let right: Digest
  }

  /// Rows whose contents are kept at once: 256 MB of them.
  private static let limit = 8_000_000

  private let engine: Engine
  private let yields: [InstanceID: Yield]
  private var contents: [Digest: RowContents] = [:]
  private var verdicts: [Twins: RowOverlap.Finding?] = [:]
  private(set) var found: [RowOverlap] = []

  init(_ engine: Engine, _ yields: [InstanceID: Yield]) {
    self.engine = engine
    self.yields = yields
  }

  mutating func compare(_ pair: OverlapPair) async throws {
    guard let left = yields[pair.left.dataset]?[Part.rows],
      let right = yields[pair.right.dataset]?[Part.rows],
      let finding = try await finding(left, right)
    else { return }
    // The same at another point of the matrix is said once.
    if let index = found.firstIndex(where: { $0.isSame(as: pair, in: engine.workflow.expansion) }) {
      found[index].points.insert(pair.instance.id)
    } else {
      found.append(RowOverlap(pair: pair, finding: finding))
    }
  }

  private mutating func finding(
    _ left: ObjectRef,
    _ right: ObjectRef
  ) async throws -> RowOverlap.Finding? {
    let twins = Twins(left: left.digest, right: right.digest)
    if let known = verdicts[twins] { return known }
    let (mine, others) = (try await contents(of: left), try await contents(of: right))
    var finding: RowOverlap.Finding?
    if let overlap = mine.overlap(with: others) {
      let objects = engine.store.objects
      let paths = (objects.path(of: left.digest), objects.path(of: right.digest))
      let ids = try await Blocking.run {
        (
          try RowContents.id(ofRow: overlap.first.row, at: paths.0),
          try RowContents.id(ofRow: overlap.first.other, at: paths.1)
        )
      }
      finding = RowOverlap.Finding(count: overlap.count, rows: mine.rows.count, ids: ids)
    }
    verdicts[twins] = .some(finding)
    return finding
  }

  private mutating func contents(of object: ObjectRef) async throws -> RowContents {
    if let known = contents[object.digest] { return known }
    if contents.values.reduce(0, { $0 + $1.rows.count }) > Self.limit { contents = [:] }
    let path = try await engine.store.objects.verifiedPath(object)
    let read = try await Blocking.run { try RowContents(of: path) }
    contents[object.digest] = read
    return read
  }
}
