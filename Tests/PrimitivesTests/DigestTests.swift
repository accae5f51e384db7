import Primitives
import Testing

@Suite("Digests")
struct DigestTests {
  /// From FIPS 180-4's examples and the empty message.
  static let known: [(text: String, hex: String)] = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test("SHA-256 of known messages", arguments: known)
  func knownAnswers(text: String, hex: String) {
    #expect(Digest(of: text).hex == hex)
    #expect(Digest(of: text).description == hex)
    #expect(Digest(of: text).short == String(hex.prefix(8)))
  }

  @Test("pieces hash like the whole, however it is cut", arguments: [1, 7, 63, 64, 65, 1_000])
  func pieces(size: Int) {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var hasher = SHA256Hasher()
    for start in stride(from: 0, to: bytes.count, by: size) {
      hasher.update(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    #expect(hasher.finalize() == Digest(of: bytes))
  }

  @Test("an empty piece changes nothing")
  func emptyPiece() {
    var hasher = SHA256Hasher()
    hasher.update([])
    hasher.update(UnsafeRawBufferPointer(start: nil, count: 0))
    hasher.update(Array("abc".utf8))
    #expect(hasher.finalize() == Digest(of: "abc"))
  }

  @Test("hexadecimal digits and bytes read back the same")
  func roundTrip() throws {
    let digest = Digest(of: "round trip")
    #expect(try #require(Digest(hex: digest.hex)) == digest)
    #expect(Digest(bytes: digest.bytes) == digest)
    #expect(digest.bytes.count == 32)
    #expect(digest.withBytes { [UInt8]($0) } == digest.bytes)
  }

  @Test("bytes that do not lie in one block give the same digest")
  func scatteredBytes() {
    let digest = Digest(of: "scattered")
    #expect(Digest(bytes: digest.bytes.reversed().reversed() as ReversedCollection) == digest)
    let bytes = Array("scattered".utf8)
    #expect(Digest(of: bytes.reversed().reversed() as ReversedCollection) == digest)
  }

  @Test(
    "anything but 64 lowercase digits is refused",
    arguments: [
      "", "abc", String(repeating: "A", count: 64), String(repeating: "0", count: 63),
      String(repeating: "0", count: 65), String(repeating: "0", count: 66),
      String(repeating: "0", count: 63) + "g", " " + String(repeating: "0", count: 63),
      String(repeating: "٠", count: 32),
    ]
  )
  func malformed(hex: String) {
    #expect(Digest(hex: hex) == nil)
  }

  @Test("sorts as its hexadecimal digits do")
  func order() {
    let digests = (0..<50).map { Digest(of: "\($0)") }
    #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
    #expect(Set(digests).count == 50)
  }
}
