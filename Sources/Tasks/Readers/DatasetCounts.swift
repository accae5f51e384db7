import Diagnostics
package import Primitives

/// What a reading of a dataset came to: nothing that was decided on the way is silent.
package struct DatasetCounts: Sendable, Hashable {
  /// How many places are told of what may be in every row.
  static let placeLimit = 5

  /// Rows in the source; nil when a limit ended the reading before the source did.
  package var rows: Int?
  package var selected = 0
  /// Records whose field was cut by `truncate`.
  package var truncated = 0
  /// Records for which the data gives no right answer.
  package var unlabelled = 0
  /// Bytes that are no UTF-8 and were read as Latin-1, in the selected records.
  package var latin1Bytes = 0
  /// The first of them, as `file:line:column`.
  package var latin1Places: [String] = []
  /// Files of a folder that are no documents of the format.
  package var ignoredFiles = 0
  /// The first of them, by their names in the folder.
  package var ignoredNames: [String] = []
  /// Documents in which there is no record, among those that were read.
  package var emptyDocuments = 0

  package init() {}

  /// The counts that say something, for a run's record.
  package var facts: JSONObject {
    var facts = JSONObject([("rows", JSON(selected))])
    let counts = [
      ("truncated", truncated), ("unlabelled", unlabelled), ("latin1_bytes", latin1Bytes),
      ("ignored_files", ignoredFiles), ("empty_documents", emptyDocuments),
    ]
    for (name, count) in counts where count > 0 { facts[name] = JSON(count) }
    return facts
  }

  /// What a person should know of how the rows came about; empty where there is nothing to say.
  package var notes: [String] {
    var notes: [String] = []
    if truncated > 0 { notes.append("\(truncated) of \(selected) rows were cut by 'truncate'") }
    if unlabelled > 0, unlabelled < selected {
      notes.append("\(unlabelled) of \(selected) rows have no label")
    }
    if latin1Bytes > 0 {
      let bytes = Wording.count(latin1Bytes, "byte that is no UTF-8", "bytes that are no UTF-8")
      notes.append(
        "\(bytes) \(latin1Bytes == 1 ? "was" : "were") read as Latin-1: "
          + list(latin1Places, of: latin1Bytes)
      )
    }
    if ignoredFiles > 0 {
      notes.append(
        Wording.count(ignoredFiles, "file of the folder is", "files of the folder are")
          + " not of this format and left out: " + list(ignoredNames, of: ignoredFiles)
      )
    }
    if emptyDocuments > 0 {
      notes.append(Wording.count(emptyDocuments, "document holds", "documents hold") + " no record")
    }
    return notes
  }

  private func list(_ names: [String], of count: Int) -> String {
    names.joined(separator: ", ") + (count > names.count ? ", …" : "")
  }

  /// Why a selection took nothing; nil where it took something.
  package func emptiness(of source: DatasetSource, _ selection: DatasetSelection) -> String? {
    guard selected == 0 else { return nil }
    if let rows, rows > 0 {
      return "'skip: \(selection.skip)' leaves none of the "
        + "\(Wording.count(rows, "row")) in '\(source.name)'"
    }
    guard case .folder(let files) = source.origin else { return "'\(source.name)' has no rows" }
    if files.isEmpty { return "the folder '\(source.name)' has no files" }
    if ignoredFiles == files.count {
      return "none of the \(Wording.count(files.count, "file")) in the folder '\(source.name)' "
        + "is of the format '\(source.format)': \(list(ignoredNames, of: ignoredFiles))"
    }
    return "no document in the folder '\(source.name)' has a record"
  }
}
