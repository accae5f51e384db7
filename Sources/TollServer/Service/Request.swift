import Primitives

/// One request that arrived whole.
struct Request: Sendable {
  let head: RequestHead
  let route: Route
  let body: [UInt8]

  func json() throws(ServiceError) -> JSONObject {
    do {
      guard let object = try JSON(parsing: body).object else {
        throw ServiceError.invalid(nil, "The body is no JSON object.")
      }
      return object
    } catch let error as ServiceError {
      throw error
    } catch {
      throw .invalid(nil, "We could not parse the JSON body of your request: \(error).")
    }
  }
}
