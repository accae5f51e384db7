package import Primitives

/// Finds digests written in hexadecimal in any bytes: runs of exactly 64 lowercase digits.
///
/// That is how a preimage, a manifest or a run's record names an object, whatever else they are. A
/// run of digits that names nothing does no harm.
struct DigestScanner {
  private var run: [UInt8] = []
  private(set) var found: Set<Digest> = []

  /// Takes the next bytes; a digest may begin in one piece and end in the next.
  mutating func scan(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"):
        // One more than 64 is enough to know that it is none.
        if run.count <= 64 { run.append(byte) }
      default: endRun()
      }
    }
  }

  static func digests(in bytes: some Sequence<UInt8>) -> Set<Digest> {
    var scanner = DigestScanner()
    scanner.scan(bytes)
    scanner.endRun()
    return scanner.found
  }

  /// Blocks.
  static func digests(inFileAt path: String) throws(StoreError) -> Set<Digest> {
    var scanner = DigestScanner()
    try FileSystem.forEachChunk(of: path) { scanner.scan($0) }
    scanner.endRun()
    return scanner.found
  }

  mutating func endRun() {
    defer { run.removeAll(keepingCapacity: true) }
    guard run.count == 64,
      let digest = Digest(hex: String(decoding: run, as: UTF8.self))
    else { return }
    found.insert(digest)
  }
}

/// The digests that a file of a user's names, a lock file say: every run of 64 hexadecimal digits.
package enum StoredDigests {
  package static func inFile(at path: String) async throws(StoreError) -> Set<Digest> {
    try await Blocking.storeWork { () throws(StoreError) in
      try DigestScanner.digests(inFileAt: path)
    }
  }
}
