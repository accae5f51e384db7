import Primitives

/// A data file, or a folder of documents, and how it is to be read.
package struct DatasetSource: Sendable {
  /// One file of a folder.
  package struct FolderFile: Sendable, Hashable {
    /// Its path in the folder, parts separated by `/`; ids and fields are made of it.
    package let name: String
    /// Where its bytes are.
    package let path: String

    package init(name: String, path: String) {
      self.name = name
      self.path = path
    }
  }

  enum Origin: Sendable {
    case file(path: String)
    /// Sorted by the bytes of the names, so that no order depends on a file system.
    case folder([FolderFile])
  }

  let origin: Origin
  /// What messages call the file or folder; it shapes no result.
  package let name: String
  /// The name of a reader.
  package let format: String
  package let fields: FieldMap

  package init(
    path: String,
    name: String? = nil,
    format: String,
    fields: [(task: String, column: String)]? = nil
  ) {
    origin = .file(path: path)
    self.name = name ?? path
    self.format = format
    self.fields = FieldMap(fields)
  }

  /// A folder, by the files in it, whatever their order; which of them are documents is the
  /// reader's to say.
  package init(
    folder files: [FolderFile],
    name: String,
    format: String,
    fields: [(task: String, column: String)]? = nil
  ) {
    origin = .folder(files.sorted { UTF8Order.less($0.name, $1.name) })
    self.name = name
    self.format = format
    self.fields = FieldMap(fields)
  }
}
