import ModelService
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

/// Azure's management plane, as far as deployments go.
private final class ManagementPlane: Sendable {
  private struct State {
    var deployments: [String: (body: JSON, looks: Int)] = [:]
    var puts = 0
  }

  private let state = Mutex(State())
  /// `provisioningState` at the n-th look after the PUT, from 0 for the PUT's own answer.
  let provisioning: @Sendable (Int) -> String
  /// What the n-th PUT is answered with instead, from 1.
  let refusal: @Sendable (Int) -> [ScriptedServer.Step]?
  let hook: KillPoint.Hook

  init(
    provisioning: @escaping @Sendable (Int) -> String = { _ in "Succeeded" },
    refusal: @escaping @Sendable (Int) -> [ScriptedServer.Step]? = { _ in nil },
    hook: @escaping KillPoint.Hook = { _ in nil }
  ) {
    self.provisioning = provisioning
    self.refusal = refusal
    self.hook = hook
  }

  var puts: Int { state.withLock { $0.puts } }
  var deployments: [String: JSON] { state.withLock { $0.deployments.mapValues(\.body) } }

  func forget() { state.withLock { $0.deployments = [:] } }

  @Sendable
  func answer(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    switch request.method {
    case "PUT":
      let put = state.withLock { state in
        state.puts += 1
        return state.puts
      }
      if let steps = refusal(put) ?? hook(.creation) { return steps }
      let body = (try? JSON(parsing: request.body)) ?? .null
      state.withLock { $0.deployments[request.target] = (body, 0) }
      return hook(.created) ?? .answer(201, shown(0))
    case "GET":
      let looks = state.withLock { state in
        state.deployments[request.target]?.looks += 1
        return state.deployments[request.target]?.looks
      }
      guard let looks else { return .answer(404, Chat.error("no such deployment")) }
      return hook(.poll) ?? .answer(200, shown(looks))
    case "DELETE":
      let isThere = state.withLock { $0.deployments.removeValue(forKey: request.target) != nil }
      return .answer(isThere ? 202 : 204)
    default: return .answer(405)
    }
  }

  private func shown(_ looks: Int) -> String {
    #"{"name":"d","properties":{"provisioningState":"\#(provisioning(looks))"}}"#
  }
}

@Suite("A tuned model is deployed once")
struct DeploymentTests {
  private static let path =
    "/subscriptions/sub-1/resourceGroups/my%20group/providers/Microsoft.CognitiveServices/accounts"
    + "/acc/deployments/mine?api-version=2023-05-01"

  private func plan(_ fixture: Fixture, name: String? = "mine") throws -> DeploymentPlan {
    DeploymentPlan(
      subscription: "sub-1",
      resourceGroup: "my group",
      account: "acc",
      name: name,
      sku: "standard",
      capacity: 2,
      hourly: 1.7,
      token: .file(try fixture.folder.write("bearer-token-0123456789", to: "token")),
      management: try ServiceAddress(baseURL: fixture.server.url)
    )
  }

  private func service(_ fixture: Fixture, on store: Store? = nil) -> DeploymentService {
    DeploymentService(
      ledger: (store ?? fixture.store).ledger,
      runID: "run",
      transfer: fixture.transfer,
      time: fixture.clock.timekeeper
    )
  }

  @Test("puts the documented body, waits for it, and records the hourly price")
  func deploys() async throws {
    let plane = ManagementPlane(provisioning: { $0 < 3 ? "Creating" : "Succeeded" })
    let fixture = try await Fixture(plane.answer)
    let deployed = try await service(fixture).deploy("m.ft-1", by: try plan(fixture))
    #expect(deployed.name == "mine")
    #expect(deployed.hourly == 1.7)
    let put = try #require(fixture.server.received.first { $0.method == "PUT" })
    #expect(put.target == Self.path)
    #expect(put.header("authorization") == "Bearer bearer-token-0123456789")
    #expect(put.header("content-type") == "application/json")
    #expect(
      try JSON(parsing: put.body) == [
        "sku": ["name": "standard", "capacity": 2],
        "properties": ["model": ["format": "OpenAI", "name": "m.ft-1", "version": "1"]],
      ]
    )
    let job = try #require(try await fixture.store.ledger.jobs(kind: .deployment).first)
    #expect(job.state == .succeeded)
    #expect(job.tag == deployed.tag)
    let detail = RemoteJobDetail(json: job.detail)
    #expect(detail.more["hourly_usd"] == 1.7)
    #expect(detail.more["deployment"] == "mine")
    #expect(try fixture.storedText().contains("bearer-token") == false)

    _ = try await service(fixture).deploy("m.ft-1", by: try plan(fixture))
    #expect(plane.puts == 1)
    // Azure deletes what nobody asks for 15 days.
    plane.forget()
    _ = try await service(fixture).deploy("m.ft-1", by: try plan(fixture))
    #expect(plane.puts == 2)
    #expect(try await fixture.store.ledger.jobs(kind: .deployment).count == 1)
  }

  @Test("a name is made where none is given, and is the same each time")
  func makesNames() async throws {
    let plane = ManagementPlane()
    let fixture = try await Fixture(plane.answer)
    let plan = try plan(fixture, name: nil)
    let first = try await service(fixture).deploy("m.ft-1", by: plan)
    let other = try await service(fixture).deploy("m.ft-2", by: plan)
    #expect(first.name.count == 24)
    #expect(first.name.hasPrefix("distill-"))
    #expect(first.name != other.name)
    #expect(try await service(fixture).deploy("m.ft-1", by: plan) == first)
    #expect(plane.deployments.count == 2)
  }

  @Test("what Azure refuses, and what fails there, is told with its reason")
  func reportsFailures() async throws {
    let refusing = ManagementPlane(refusal: { _ in
      .answer(409, #"{"error":{"code":"InsufficientQuota","message":"no capacity"}}"#)
    })
    let fixture = try await Fixture(refusing.answer)
    let error = await #expect(throws: DeploymentError.self) {
      try await service(fixture).deploy("m.ft-1", by: try plan(fixture))
    }
    #expect(error?.description.hasPrefix("deployment 'mine' ") == true)
    #expect(error?.description.contains("no capacity") == true)

    let failing = ManagementPlane(provisioning: { $0 < 2 ? "Creating" : "Failed" })
    let other = try await Fixture(failing.answer)
    let failure = await #expect(throws: DeploymentError.self) {
      try await service(other).deploy("m.ft-1", by: try plan(other))
    }
    #expect(failure?.description == "deployment 'mine' failed: Azure says 'Failed'")
    #expect(try await other.store.ledger.jobs().map(\.state) == [.failed])
  }

  @Test(
    "killed at any point: one deployment, found by the next run",
    arguments: [
      KillPoint(.creation, isAnswered: false), KillPoint(.created, isAnswered: false),
      KillPoint(.created, isAnswered: true), KillPoint(.poll, isAnswered: false),
      KillPoint(.poll, isAnswered: true),
    ]
  )
  func survives(point: KillPoint) async throws {
    let plane = ManagementPlane(
      provisioning: { $0 < 2 ? "Creating" : "Succeeded" },
      hook: point.pass
    )
    let fixture = try await Fixture(plane.answer)
    let plan = try plan(fixture)
    let killed = try await Store.open(at: fixture.store.path, mode: .existing)
    let first = service(fixture, on: killed)
    let task = Task { try await first.deploy("m.ft-1", by: plan) }
    await point.waitForArrival()
    await killed.close()
    point.open()
    if point.isAnswered { _ = await task.result }
    let deployed = try await service(fixture).deploy("m.ft-1", by: plan)
    #expect(deployed.name == "mine")
    #expect(plane.deployments.count == 1)
    #expect(try await fixture.store.ledger.jobs().map(\.state) == [.succeeded])
    fixture.server.stop()
    _ = await task.result
  }

  @Test("it is deleted by its tag, and then bills no more")
  func deletes() async throws {
    let plane = ManagementPlane()
    let fixture = try await Fixture(plane.answer)
    let deployed = try await service(fixture).deploy("m.ft-1", by: try plan(fixture))
    let jobs = RemoteJobs(
      ledger: fixture.store.ledger,
      transfer: fixture.transfer,
      time: fixture.clock.timekeeper
    )
    #expect(try await jobs.status(of: try await jobs.job(deployed.tag)) == "Succeeded")
    let cancelled = try await jobs.cancel(try await jobs.job(deployed.tag))
    #expect(cancelled == .asked(status: "deleted"))
    #expect(plane.deployments.isEmpty)
    #expect(try await fixture.store.ledger.jobs().map(\.state) == [.cancelled])
    #expect(try await jobs.status(of: try await jobs.job(deployed.tag)) == nil)

    _ = try await service(fixture).deploy("m.ft-1", by: try plan(fixture))
    #expect(plane.deployments.count == 1)
    #expect(try await fixture.store.ledger.jobs().map(\.state) == [.cancelled, .succeeded])
  }

  @Test("Ctrl-C says that it goes on, and how to delete it")
  func leavesDeploymentsStanding() async throws {
    let point = KillPoint(.poll, isAnswered: true)
    let plane = ManagementPlane(provisioning: { _ in "Creating" }, hook: point.pass)
    let fixture = try await Fixture(plane.answer)
    let service = service(fixture)
    let plan = try plan(fixture)
    let task = Task { try await service.deploy("m.ft-1", by: plan) }
    await point.waitForArrival()
    task.cancel()
    point.open()
    let pending = await #expect(throws: RemoteJobPending.self) { try await task.value }
    #expect(pending?.kind == .deployment)
    #expect(pending?.job == "mine")
    #expect(plane.deployments.count == 1)
  }
}
