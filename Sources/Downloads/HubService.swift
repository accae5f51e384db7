import Primitives
import Transfer

/// The service that hands out rows of datasets on the Hugging Face Hub, page by page
/// (https://huggingface.co/docs/dataset-viewer/rows).
package struct HubService: Sendable {
  /// Without a slash at its end.
  package let address: String

  package init(address: String) {
    self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
  }

  /// The public one, or the one that the environment names (a mirror).
  package static var ofEnvironment: HubService {
    HubService(
      address: ProcessEnvironment.value(of: "DISTILL_DATASETS_SERVER")
        ?? "https://datasets-server.huggingface.co"
    )
  }

  /// Rows on a page: the most that the service gives.
  static let pageSize = 100

  func url(_ rows: HubRows, offset: Int) -> String {
    let query = [
      ("dataset", rows.dataset), ("config", rows.config), ("split", rows.split),
      ("offset", "\(offset)"), ("length", "\(Self.pageSize)"),
    ]
    let text = query.map { "\($0.0)=\(RemoteURL.queryValue($0.1))" }.joined(separator: "&")
    return "\(address)/rows?\(text)"
  }
}

/// A page of rows, checked.
struct HubPage {
  /// Rows of the whole split.
  let total: Int
  /// One JSON object a row, in canonical form.
  let lines: [[UInt8]]

  /// - Throws: `SourceError` for anything but the rows that were asked for.
  init(_ answer: HTTPResponse, of rows: HubRows, offset: Int) throws(SourceError) {
    try Self.check(answer.header("X-Revision"), rows)
    guard let json = try? JSON(parsing: answer.body), let total = json["num_rows_total"]?.int,
      let entries = json["rows"]?.array
    else {
      throw SourceError(
        "the service answers for \(rows.name) with something else than rows",
        hint: "it may have changed its form; a published file can be had by 'url' and 'sha256'"
      )
    }
    if json["partial"]?.bool == true {
      throw SourceError(
        "the service has only the first rows of \(rows.name): the set is too large for it",
        hint: "use a published file by 'url' and 'sha256'"
      )
    }
    var lines: [[UInt8]] = []
    for (position, entry) in entries.enumerated() {
      lines.append(try Self.line(entry, at: offset + position, rows))
    }
    guard !lines.isEmpty || offset >= total else {
      throw SourceError(
        "the service gives no rows of \(rows.name) from row \(offset) on, and says it has \(total)",
        hint: "run again later: the rows that came are kept"
      )
    }
    self.total = total
    self.lines = lines
  }

  private static func check(_ revision: String?, _ rows: HubRows) throws(SourceError) {
    guard let revision else {
      throw SourceError(
        "the service does not say of which revision its rows of \(rows.name) are",
        hint: "they cannot be pinned then; use a published file by 'url' and 'sha256'"
      )
    }
    guard revision == rows.revision else {
      throw SourceError(
        "the rows of '\(rows.dataset)' are those of revision \(revision) now; the workflow asks for "
          + rows.revision,
        hint:
          "the service has the present revision only: look at what changed and write 'revision: "
          + "\(revision)', or use a file of the old one by 'url' "
          + "(https://huggingface.co/datasets/\(rows.dataset)/resolve/REVISION/FILE) and 'sha256'"
      )
    }
  }

  private static func line(
    _ entry: JSON,
    at index: Int,
    _ rows: HubRows
  ) throws(SourceError) -> [UInt8] {
    guard entry["row_idx"]?.int == index, let row = entry["row"], row.object != nil else {
      throw SourceError(
        "the service gives another row of \(rows.name) than row \(index), which was asked for",
        hint: "run again later: the rows that came are kept"
      )
    }
    let cut = (entry["truncated_cells"]?.array ?? []).compactMap(\.string)
    guard cut.isEmpty else {
      throw SourceError(
        "row \(index) of \(rows.name) is too long for the service, which cut "
          + cut.map { "'\($0)'" }.joined(separator: ", "),
        hint: "use a published file by 'url' and 'sha256'"
      )
    }
    return row.canonical
  }
}
