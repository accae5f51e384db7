package import Diagnostics
package import Downloads
package import Execution
package import Primitives
import Store
package import Workflow

/// What a run would do, as far as it can be known before.
package struct Plan: Sendable {
  package enum Action: Sendable {
    case reuse
    case run
    /// Its inputs are made by instances yet to run; early cutoff may still find a result.
    case unknown(waitsOn: [InstanceID])

    package var word: String {
      switch self {
      case .reuse: "reuse"
      case .run: "run"
      case .unknown: "unknown"
      }
    }
  }

  package struct Entry: Sendable {
    package let instance: Instance
    package let action: Action
    /// Why it runs, the first reason first: names of what changed since it last ran.
    package let reasons: [String]
    /// The calls it would make; nil where it makes none or they are not known yet.
    package let calls: PlannedCalls?
    /// What a run would fetch first; `plan` and `check` fetch nothing.
    package var fetches: [RemoteSource] = []
    /// What running it takes; nil for what waits on others.
    let keyed: Engine.Keyed?
    package var key: Digest? { keyed?.key }
  }

  package let entries: [Entry]
  /// What is wrong with data or templates, found while preparing; a run would refuse to start.
  package let problems: [Problem]
  /// What is odd about the data, and no reason not to start.
  package let warnings: [Problem]

  package var isComplete: Bool { problems.isEmpty }

  package func count(_ word: String) -> Int { entries.count { $0.action.word == word } }

  /// What a run would fetch, each once.
  package var fetches: [RemoteSource] {
    var seen: Set<RemoteSource> = []
    return entries.flatMap(\.fetches).filter { seen.insert($0).inserted }
  }
}

extension Engine {
  /// Plans the run: prepares what is free (datasets, templates), looks up the rest.
  ///
  /// Preparing fills the cache and calls no model; a problem it finds costs the run nothing. Data
  /// from elsewhere is fetched where the services allow it.
  ///
  /// Test rows among the training rows are a problem, or, where a run of the past is repeated as it
  /// was and `refusesOverlap` is false, a warning.
  package func plan(refusesOverlap: Bool = true) async throws -> Plan {
    var planner = Planner(engine: self)
    for instance in workflow.expansion.instances { try await planner.add(instance) }
    let overlaps = try await overlaps(planner.yields, areErrors: refusesOverlap)
    return Plan(
      entries: planner.entries,
      problems: planner.problems + overlaps.filter { $0.severity == .error },
      warnings: overlaps.filter { $0.severity == .warning }
    )
  }
}

/// Goes through the instances in dependency order, carrying what is known.
private struct Planner {
  let engine: Engine
  var entries: [Plan.Entry] = []
  var problems: [Problem] = []
  private(set) var yields: [InstanceID: Yield] = [:]
  /// Instances that cannot be prepared because of a problem; what depends on them is not judged.
  private var broken: Set<InstanceID> = []

  init(engine: Engine) { self.engine = engine }

  mutating func add(_ instance: Instance) async throws {
    let dependencies = engine.resolver.dependencies(of: instance.id)
    guard broken.isDisjoint(with: dependencies) else {
      broken.insert(instance.id)
      return
    }
    let missing = dependencies.filter { yields[$0] == nil }
    do {
      if missing.isEmpty {
        try await addKnown(instance)
      } else {
        try await addUnknown(instance, waitsOn: missing)
      }
    } catch let found as ProblemList {
      problems += found.all.map { $0.at(instance.location) }
      broken.insert(instance.id)
    }
  }

  private mutating func addKnown(_ instance: Instance) async throws {
    let keyed = try await engine.key(instance, yields)
    if let yield = try await engine.hit(keyed) {
      yields[instance.id] = yield
      append(instance, .reuse, [], nil, keyed)
      return
    }
    let services = engine.services(instance.id)
    let fetches = try await engine.toFetch(instance)
    guard fetches.isEmpty else {
      let reasons = fetches.map { "to fetch '\($0.name)', size unknown" }
      append(instance, .run, reasons, nil, keyed, fetches: fetches)
      return
    }
    if keyed.kind.work == .preparation {
      // Reading a dataset or a template is part of planning; it counts as to run, this once.
      yields[instance.id] = try await ProblemList.gather {
        try await engine.execute(keyed, services)
      }
      append(instance, .run, try await reasons(keyed), nil, keyed)
      return
    }
    let calls = try await ProblemList.gather {
      try await keyed.kind.preflight(keyed.inputs, services)
      return try await keyed.kind.plannedCalls(keyed.inputs, services)
    }
    append(instance, .run, try await reasons(keyed), calls, keyed)
  }

  private mutating func addUnknown(_ instance: Instance, waitsOn: [InstanceID]) async throws {
    let kind = Engine.runnable(instance)
    let inputs = try await engine.resolver.inputs(of: instance, yields, engine.store.objects)
    let services = engine.services(instance.id)
    try await ProblemList.gather { try await kind.preflight(inputs, services) }
    append(instance, .unknown(waitsOn: waitsOn), [], nil, nil)
  }

  private mutating func append(
    _ instance: Instance,
    _ action: Plan.Action,
    _ reasons: [String],
    _ calls: PlannedCalls?,
    _ keyed: Engine.Keyed?,
    fetches: [RemoteSource] = []
  ) {
    entries.append(
      Plan.Entry(
        instance: instance,
        action: action,
        reasons: reasons,
        calls: calls,
        fetches: fetches,
        keyed: keyed
      )
    )
  }

  private func reasons(_ keyed: Engine.Keyed) async throws -> [String] {
    try await engine.reasons(keyed)
  }
}

/// The problems that preparing an instance can end in, under one type.
private struct ProblemList: Error {
  let all: [Problem]

  /// Runs a step, turning what is wrong with the user's data or templates into problems.
  static func gather<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let problem as Problem {
      throw ProblemList(all: [problem])
    } catch let problems as Problems {
      throw ProblemList(all: problems.all)
    } catch let failure as NodeFailure {
      throw ProblemList(all: [Problem(failure.message, at: nil, hint: failure.hint)])
    }
  }
}
