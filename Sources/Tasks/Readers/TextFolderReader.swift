/// A folder of plain texts: every file that ends in `.txt`, at any depth, is a document.
///
/// The id is the file's path in the folder. Nothing is a label; `fields: {label: folder}` makes one
/// of the folder that a file is in.
package enum TextFolderReader: DocumentReader {
  package static let format = "text-folder"
  package static let version = 1
  package static let summary = "a folder of text files; each is a document, its path the id"

  package static func isDocument(_ name: String) -> Bool { hasEnding(".txt", name) }

  package static func rows(of document: DocumentText) throws(RowProblem) -> [DocumentRow] {
    let (text, latin1) = try document.plainText()
    var columns = ColumnList()
    columns.add("id", document.name)
    columns.add("document", text)
    if let slash = document.name.lastIndex(of: "/") {
      columns.add("folder", String(document.name[..<slash]))
    }
    return [DocumentRow(columns: columns.columns, offset: 0, latin1: latin1)]
  }
}
