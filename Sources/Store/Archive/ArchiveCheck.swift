import Primitives

/// What an archive holds, read whole and found right; nothing was taken over.
struct ArchiveCheck: Sendable {
  private(set) var run = ""
  private(set) var record: JSON = [:]
  private(set) var runRow: JSON = [:]
  private(set) var files: [(name: String, bytes: [UInt8])] = []
  private(set) var results: [ResultRecord] = []
  private(set) var objects: [Digest: Int] = [:]

  /// Reads an archive; what is wrong with it is thrown.
  ///
  /// Calls back with each call, in the order of their keys. Blocks.
  init(
    _ path: String,
    objects store: ObjectStore,
    _ body: (ArchivedCall) throws(StoreError) -> Void = { _ in }
  ) throws(StoreError) {
    let reader = try TarReader(path)
    var seen: [(name: String, content: ObjectRef)] = []
    var names: Set<String> = []
    var needed: Set<Digest> = []
    var manifest: JSON?
    while let entry = try reader.next() {
      guard manifest == nil else { throw reader.refused("something follows its manifest") }
      guard let name = RunArchive.read(entry.name) else {
        throw reader.refused("'\(entry.name.prefix(200))' is no name that an archive has")
      }
      guard names.insert(entry.name).inserted, names.count <= RunArchive.mostEntries else {
        throw reader.refused("'\(entry.name)' is there twice, or there are too many entries")
      }
      if case .object(let digest) = name {
        seen.append((entry.name, try Self.checkObject(digest, reader)))
        objects[digest] = entry.size
        continue
      }
      let bytes = try reader.read(limit: RunArchive.largestText)
      seen.append((entry.name, ObjectRef(of: bytes)))
      switch name {
      case .manifest: manifest = try Self.json(bytes, reader)
      case .results: results = try Self.results(bytes, reader)
      case .calls: try Self.calls(bytes, reader, &needed, body)
      case .file(let run, let file): try take(run, file, bytes, reader)
      case .object: break
      }
    }
    guard let manifest else { throw reader.refused("it has no manifest") }
    try check(manifest, seen.dropLast(), reader)
    try checkNeeds(needed, store, reader)
  }

  private static func checkObject(
    _ digest: Digest,
    _ reader: TarReader
  ) throws(StoreError) -> ObjectRef {
    var hasher = SHA256Hasher()
    var size = 0
    try reader.read { (piece) throws(StoreError) in
      hasher.update(piece)
      size += piece.count
    }
    let found = hasher.finalize()
    guard found == digest else {
      throw reader.refused("object \(digest.hex) has bytes of digest \(found.hex)")
    }
    return ObjectRef(digest: digest, size: size)
  }

  private static func json(
    _ bytes: some Collection<UInt8>,
    _ reader: TarReader
  ) throws(StoreError) -> JSON {
    do throws(JSONError) {
      return try JSON(parsing: Array(bytes))
    } catch {
      throw reader.refused("a text is not JSON: \(error)")
    }
  }

  // MARK: Rows

  private static func results(
    _ bytes: [UInt8],
    _ reader: TarReader
  ) throws(StoreError) -> [ResultRecord] {
    var results: [ResultRecord] = []
    for line in bytes.split(separator: 0x0A) {
      guard let result = ResultRecord(archived: try json(line, reader)) else {
        throw reader.refused("a result does not read")
      }
      results.append(result)
    }
    return results
  }

  private static func calls(
    _ bytes: [UInt8],
    _ reader: TarReader,
    _ needed: inout Set<Digest>,
    _ body: (ArchivedCall) throws(StoreError) -> Void
  ) throws(StoreError) {
    for line in bytes.split(separator: 0x0A) {
      guard let call = ArchivedCall(try json(line, reader)) else {
        throw reader.refused("a call does not read, or an answer is not what was sealed")
      }
      needed.formUnion(call.objects)
      try body(call)
    }
  }

  private mutating func take(
    _ run: String,
    _ file: String,
    _ bytes: [UInt8],
    _ reader: TarReader
  ) throws(StoreError) {
    guard files.isEmpty || UTF8Order.equal(run, self.run) else {
      throw reader.refused("it has files of two runs")
    }
    self.run = run
    files.append((file, bytes))
    if file == "run.json" { record = try Self.json(bytes, reader) }
  }

  // MARK: Agreement

  private mutating func check(
    _ manifest: JSON,
    _ seen: ArraySlice<(name: String, content: ObjectRef)>,
    _ reader: TarReader
  ) throws(StoreError) {
    guard let format = manifest["format"]?.int, format >= 1 else {
      throw reader.refused("its manifest says no format")
    }
    guard format <= RunArchive.format else {
      throw reader.refused(
        "it has format \(format), and this release reads up to \(RunArchive.format)"
      )
    }
    let entries = manifest["entries"]?.array ?? []
    let agrees =
      entries.count == seen.count
      && zip(entries, seen).allSatisfy { entry, found in
        entry["path"]?.string.map { UTF8Order.equal($0, found.name) } ?? false
          && entry["sha256"]?.string == found.content.digest.hex
          && entry["size"]?.int == found.content.size
      }
    guard agrees else { throw reader.refused("its manifest and its entries differ") }
    runRow = manifest["run"] ?? [:]
    guard let id = runRow["id"]?.string, UTF8Order.equal(id, run),
      files.contains(where: { $0.name == "run.json" }),
      record["id"]?.string.map({ UTF8Order.equal($0, run) }) ?? true,
      runRow["status"]?.string.flatMap({ RunStatus(rawValue: $0) }) != nil
    else { throw reader.refused("it has no whole run") }
  }

  /// What its rows name is in the archive, or in the store already.
  private func checkNeeds(
    _ needed: Set<Digest>,
    _ store: ObjectStore,
    _ reader: TarReader
  ) throws(StoreError) {
    for result in results {
      guard objects[result.key] != nil,
        result.outputs.allSatisfy({ objects[$0.object.digest] == $0.object.size })
      else { throw reader.refused("the result \(result.key.hex) lacks an object") }
    }
    for digest in needed where objects[digest] == nil {
      throw reader.refused("object \(digest.hex) of a call is missing")
    }
  }
}
