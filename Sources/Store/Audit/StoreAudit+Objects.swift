import Primitives

extension StoreAudit {
  mutating func auditObjects(_ progress: (@Sendable (Int) -> Void)?) throws(StoreError) {
    for entry in try objects.strayEntries() { try audit(entry) }
    for prefix in ObjectStore.folderNames {
      for entry in try objects.entries(inFolder: prefix) { try audit(entry) }
      progress?(report.objects)
    }
  }

  private mutating func audit(_ entry: ObjectStore.Entry) throws(StoreError) {
    switch entry {
    case .temporary(let path):
      if layout.isDeadTemporary(path) { report.leftovers.append(path) }
    case .foreign(let path): report.add(.foreignFile, at: path, "'\(path)' is no object")
    case .object(let object):
      report.objects += 1
      report.bytes += object.size
      let path = objects.path(of: object.digest)
      guard let damage = try ObjectDamage(at: path, named: object.digest) else { return }
      report.add(
        .damagedObject,
        at: path,
        "object \(object.digest.hex): \(damage.text(objects))"
      )
    }
  }
}

/// What the bytes of an object are instead of its own.
struct ObjectDamage {
  let found: ObjectRef
  private let isZero: Bool

  /// Nil if the bytes are those of the digest.
  init?(at path: String, named digest: Digest) throws(StoreError) {
    let found = try FileSystem.reference(toFileAt: path)
    guard found.digest != digest else { return nil }
    self.found = found
    var isZero = true
    try FileSystem.forEachChunk(of: path) { bytes in
      isZero = isZero && bytes.allSatisfy { $0 == 0 }
    }
    self.isZero = isZero
  }

  func text(_ objects: ObjectStore) -> String {
    if found.size == 0 { return "its file is empty" }
    if isZero { return "its \(found.size) bytes are all zero" }
    let other = objects.find(found.digest) == found ? ", those of another object" : ""
    return "its \(found.size) bytes have digest \(found.digest.hex)\(other)"
  }
}
