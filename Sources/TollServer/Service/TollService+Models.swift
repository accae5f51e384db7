import Primitives

extension TollService {
  func models(_ request: Request) throws(ServiceError) -> Reply {
    let names = options.models
    if request.route.steps.count == 2 {
      let name = request.route.steps[1]
      guard names.isEmpty || names.contains(name) else { throw .notFound("model", name) }
      return Reply(json: Self.model(name))
    }
    return Reply(json: ["object": "list", "data": .array(names.map(Self.model))])
  }

  private static func model(_ name: String) -> JSON {
    [
      "id": .string(name), "object": "model", "created": .integer(ChatAnswer.created),
      "owned_by": "toll",
    ]
  }
}
