import Primitives

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
