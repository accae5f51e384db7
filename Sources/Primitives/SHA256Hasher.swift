import CCrypto

/// SHA-256 over bytes that arrive in pieces (`EVP_MD_CTX`).
///
/// libcrypto does the work: it uses the processor's SHA instructions.
package struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new() else { fatalError("BUG: EVP_MD_CTX_new found no memory") }
    let code = EVP_DigestInit_ex(context, EVP_sha256(), nil)
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
    var bytes = [UInt8](repeating: 0, count: 32)
    let code = EVP_DigestFinal_ex(context, &bytes, nil)
    precondition(code == 1, "BUG: EVP_DigestFinal_ex failed")
    return Digest(bytes: bytes)
  }
}
