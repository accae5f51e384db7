import CGit2

extension git_oid {
  /// 40 lowercase hexadecimal digits.
  var hex: String {
    withUnsafePointer(to: self) { pointer in
      var buffer = [CChar](repeating: 0, count: Int(GIT_OID_HEXSZ))
      git_oid_fmt(&buffer, pointer)
      return String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// Reads 40 hexadecimal digits.
  init(hex: String) throws(GitError) {
    self.init()
    let isWhole = hex.utf8.count == Int(GIT_OID_HEXSZ)
    guard isWhole, git_oid_fromstr(&self, hex) == 0 else {
      throw GitError("read the id '\(hex)'", reason: "it is not 40 hexadecimal digits")
    }
  }

  func equals(_ other: git_oid) -> Bool {
    withUnsafePointer(to: self) { one in
      withUnsafePointer(to: other) { git_oid_equal(one, $0) == 1 }
    }
  }

  /// How many bytes an object has, without reading them; nil where it is not in this clone.
  func size(in repository: OpaquePointer) throws(GitError) -> Int64? {
    var objects: OpaquePointer?
    try GitError.check(git_repository_odb(&objects, repository), "open git's objects")
    defer { git_odb_free(objects) }
    var id = self
    var size = 0
    var type = GIT_OBJECT_ANY
    let code = git_odb_read_header(&size, &type, objects, &id)
    if code == GIT_ENOTFOUND.rawValue { return nil }
    try GitError.check(code, "read the size of \(hex)")
    return Int64(size)
  }

  /// The id that bytes have as an object.
  init(hashing bytes: [UInt8], as type: git_object_t = GIT_OBJECT_BLOB) throws(GitError) {
    var id = git_oid()
    let code = bytes.withUnsafeBytes { git_odb_hash(&id, $0.baseAddress, $0.count, type) }
    try GitError.check(code, "hash \(bytes.count) bytes")
    self = id
  }
}
