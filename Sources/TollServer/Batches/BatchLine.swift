import Primitives

/// One line of a batch's input file.
struct BatchLine: Sendable {
  let customID: String
  let call: ChatCall
  /// Digest of the line's body as it is written.
  let body: Digest
  /// What the prompt asks for by a marker.
  let fault: Fault?

  /// Reads a line; the message says what is wrong with it.
  init(_ line: some Collection<UInt8>) throws(ServiceError) {
    let json: JSON
    do {
      json = try JSON(parsing: line)
    } catch {
      throw .invalid(nil, "This line is not parseable as valid JSON: \(error).")
    }
    guard let customID = json["custom_id"]?.string else {
      throw .invalid("custom_id", "'custom_id' is missing")
    }
    guard let url = json["url"]?.string,
      ["/v1/chat/completions", "/chat/completions"].contains(url)
    else { throw .invalid("url", "'url' is missing or not the batch's endpoint") }
    guard json["method"]?.string == "POST" else {
      throw .invalid("method", "'method' is not POST")
    }
    guard let body = json["body"], let members = body.object else {
      throw .invalid("body", "'body' is missing")
    }
    self.customID = customID
    self.body = Digest(of: body.compactText)
    call = try ChatCall(members)
    do {
      fault = try Fault.marked(in: call.lastPrompt)
    } catch {
      throw .invalid("body", "a marker in the prompt cannot be read: \(error)")
    }
  }
}
