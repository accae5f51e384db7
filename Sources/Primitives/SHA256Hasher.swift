import CCrypto

/// SHA-256 over bytes that arrive in pieces (`EVP_MD_CTX`).
///
/// libcrypto does the work: it uses the processor's SHA instructions.
package struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  /// Looked up once for the process (`EVP_MD`): `EVP_sha256()` would be looked up for each hash, which
  /// takes longer than hashing a prompt.
  nonisolated(unsafe) private static let algorithm: OpaquePointer = {
    guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else {
      fatalError("BUG: libcrypto has no SHA-256")
    }
    return algorithm
  }()

  package init() {
    guard let context = EVP_MD_CTX_new() else { fatalError("BUG: EVP_MD_CTX_new found no memory") }
    let code = EVP_DigestInit_ex(context, Self.algorithm, nil)
    precondition(code == 1, "BUG: EVP_DigestInit_ex refused SHA-256")
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    let code = EVP_DigestUpdate(context, base, bytes.count)
    precondition(code == 1, "BUG: EVP_DigestUpdate failed")
  }

  /// Ends the hash; the hasher is spent.
  package consuming func finalize() -> Digest {
    Digest { bytes in
      let code = EVP_DigestFinal_ex(context, bytes.baseAddress, nil)
      precondition(code == 1, "BUG: EVP_DigestFinal_ex failed")
    }
  }
}
