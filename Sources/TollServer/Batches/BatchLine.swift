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

/// A batch's input file, validated as a service does.
struct BatchInput: Sendable {
  private(set) var lines: [BatchLine] = []
  /// The list of errors, by line; null where there are none.
  let errors: JSON

  /// Most lines and bytes of a file, by OpenAI's documents; Azure takes 100,000 lines.
  private static let byteLimit = 200 << 20

  init(_ bytes: [UInt8], isAzure: Bool) {
    var problems: [JSON] = []
    var names: Set<[UInt8]> = []
    let rows = bytes.split(separator: 0x0A)
    let limit = isAzure ? 100_000 : 50_000
    if rows.isEmpty { problems.append(Self.problem("empty_file", "The input file is empty.")) }
    if rows.count > limit || bytes.count > Self.byteLimit {
      problems.append(
        Self.problem(
          "file_too_large",
          "The input file has \(rows.count) lines in \(bytes.count) bytes; at most \(limit) lines in "
            + "\(Self.byteLimit) bytes are taken."
        )
      )
    }
    for (index, row) in rows.enumerated() where problems.count < 100 {
      do throws(ServiceError) {
        let line = try BatchLine(row)
        lines.append(line)
        guard names.insert(Array(line.customID.utf8)).inserted else {
          throw ServiceError(
            status: 400,
            message: "The custom_id '\(line.customID)' has been used in another line.",
            code: "duplicate_custom_id"
          )
        }
      } catch {
        problems.append(
          Self.problem(error.code ?? "invalid_request", error.message, line: index + 1)
        )
      }
    }
    errors = problems.isEmpty ? .null : ["object": "list", "data": .array(problems)]
  }

  private static func problem(_ code: String, _ message: String, line: Int? = nil) -> JSON {
    [
      "code": .string(code), "message": .string(message), "param": .null,
      "line": line.map { JSON($0) } ?? .null,
    ]
  }
}
