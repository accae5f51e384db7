import Primitives

extension ObjectStore {
  /// What a name in `objects` turns out to be.
  enum Entry {
    case object(ObjectRef)
    case temporary(String)
    case foreign(String)
  }

  /// The 256 names that folders of objects may have.
  static let folderNames: [String] = (0..<256).map { number in
    let digits = String(number, radix: 16)
    return digits.utf8.count == 1 ? "0\(digits)" : digits
  }

  /// Everything directly in `objects` that is no folder of objects.
  ///
  /// Blocks.
  func strayEntries() throws(StoreError) -> [Entry] {
    let names = try FileSystem.names(in: folder) ?? []
    return names.filter { name in
      !ObjectStore.folderNames.contains(name) || !FileSystem.isFolder("\(folder)/\(name)")
    }.map { name in
      name.hasPrefix("temp-") ? .temporary("\(folder)/\(name)") : .foreign("\(folder)/\(name)")
    }
  }

  /// Everything in one folder of objects, sorted by name; nothing if it is not there.
  ///
  /// Blocks.
  func entries(inFolder prefix: String) throws(StoreError) -> [Entry] {
    let path = "\(folder)/\(prefix)"
    guard FileSystem.isFolder(path) else { return [] }
    return try (FileSystem.names(in: path) ?? []).map { name in
      let file = "\(path)/\(name)"
      guard let digest = Digest(hex: prefix + name), let size = FileSystem.size(ofPlainFileAt: file)
      else { return .foreign(file) }
      return .object(ObjectRef(digest: digest, size: size))
    }
  }
}
