import Primitives
package import Store

/// The files of a folder by name and digest: what stands for the folder in keys.
///
/// As bytes it is JSON Lines, sorted by the bytes of the names, so that the same files give the same
/// digest wherever the folder lies, and a change of it can be shown by its lines.
package struct FolderListing: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    /// Below the folder, with `/` between names.
    package let name: String
    package let object: ObjectRef

    package init(name: String, object: ObjectRef) {
      self.name = name
      self.object = object
    }
  }

  /// Sorted by the bytes of the names.
  package let entries: [Entry]

  package init(_ entries: [Entry]) {
    self.entries = entries.sorted { UTF8Order.less($0.name, $1.name) }
  }

  /// One `{"name":…,"sha256":…,"size":…}` a line.
  package var bytes: [UInt8] {
    entries.flatMap { entry -> [UInt8] in
      let line: JSON = [
        "name": .string(entry.name), "sha256": .string(entry.object.digest.hex),
        "size": JSON(entry.object.size),
      ]
      return line.canonical + [0x0A]
    }
  }
}
