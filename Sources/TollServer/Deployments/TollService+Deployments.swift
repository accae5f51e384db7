import Primitives

extension TollService {
  /// `PUT`, `GET` and `DELETE` of `/subscriptions/…/accounts/a/deployments/name`.
  func deployments(_ request: Request, _ entry: inout LedgerEntry) throws(ServiceError) -> Reply {
    let steps = request.route.steps
    guard steps.count == 10, steps[2] == "resourceGroups", steps[4] == "providers",
      steps[5] == "Microsoft.CognitiveServices", steps[6] == "accounts", steps[8] == "deployments"
    else { throw Self.noOperation(request) }
    guard request.head.query("api-version") != nil else {
      throw ServiceError(
        status: 400,
        message: "The api-version query parameter (?api-version=) is required for all requests.",
        code: "MissingApiVersionParameter"
      )
    }
    let name = steps[9]
    entry.object = name
    switch request.head.method {
    case "PUT": return try deploy(name, request)
    case "GET":
      guard let deployment = try deploymentShelf.update(name, { $0.looks += 1 }) else {
        throw Self.noDeployment(name)
      }
      return Reply(json: deployment.shown)
    case "DELETE":
      let existed = try deploymentShelf.remove(name)
      return Reply(existed ? 200 : 204, bytes: [], type: "application/json")
    default: throw Self.noOperation(request)
    }
  }

  private func deploy(_ name: String, _ request: Request) throws(ServiceError) -> Reply {
    let body = try request.json()
    guard let sku = body["sku"], sku["name"]?.string != nil else {
      throw ServiceError(status: 400, message: "'sku' is missing.", code: "InvalidRequestContent")
    }
    guard let model = body["properties"]?["model"], let modelName = model["name"]?.string,
      model["format"]?.string == "OpenAI", model["version"]?.string != nil
    else {
      throw ServiceError(
        status: 400,
        message: "'properties.model' is not a map of format 'OpenAI', name and version.",
        code: "InvalidRequestContent"
      )
    }
    if TrainingJob.isTuned(modelName), !isTrained(modelName) {
      throw ServiceError(
        status: 400,
        message: "The model '\(modelName)' does not exist.",
        code: "DeploymentModelNotSupported"
      )
    }
    let existed = try deploymentShelf.remove(name)
    let deployment = try deploymentShelf.add { sequence in
      Deployment(
        name: name,
        sequence: sequence,
        path: request.head.path,
        sku: sku,
        model: model
      )
    }
    return Reply(existed ? 200 : 201, json: deployment.shown)
  }

  private func isTrained(_ model: String) -> Bool {
    trainingJobs.all.contains { $0.tunedModel == model }
  }

  /// Refuses a deployment that does not answer.
  ///
  /// Names that were never deployed answer, unless base deployments are listed or the name is a
  /// tuned model's own.
  func checkDeployment(_ name: String) throws(ServiceError) {
    if let deployment = deploymentShelf.find(name) {
      guard deployment.isReady else { throw Self.notReady(name) }
      return
    }
    let isBase =
      options.deployments.isEmpty
      ? !TrainingJob.isTuned(name) : options.deployments.contains(name)
    guard isBase else { throw Self.notReady(name) }
  }

  private static func notReady(_ name: String) -> ServiceError {
    ServiceError(
      status: 404,
      message: "The API deployment '\(name)' for this resource does not exist. If you created the "
        + "deployment within the last 5 minutes, please wait a moment and try again.",
      code: "DeploymentNotFound"
    )
  }

  private static func noDeployment(_ name: String) -> ServiceError {
    ServiceError(
      status: 404,
      message: "The deployment '\(name)' cannot be found.",
      code: "ResourceNotFound"
    )
  }
}
