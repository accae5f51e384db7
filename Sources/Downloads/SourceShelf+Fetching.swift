import Primitives
package import Store
import Transfer

extension SourceShelf {
  /// Where partial files lie.
  var folder: String { "\(store.path)/downloads" }

  func fetch(
    _ source: RemoteSource,
    _ fetching: Fetching,
    run id: String
  ) async throws -> ObjectRef {
    PartialFile.sweep(folder)
    let part = try await PartialFile.open(Self.name(of: source), in: folder)
    defer { withExtendedLifetime(part) {} }
    // Another process may have fetched it while this one waited.
    if let object = try await find(source) {
      Self.clear(part)
      return object
    }
    let object =
      switch source {
      case .file(let file): try await fetch(file, into: part, fetching)
      case .rows(let rows): try await fetch(rows, into: part, fetching, run: id)
      }
    Self.clear(part)
    fetching.report(
      DownloadProgress(
        source: source,
        unit: .bytes,
        done: object.size,
        total: object.size,
        isEnd: true
      )
    )
    return object
  }

  private static func name(of source: RemoteSource) -> String {
    switch source {
    case .file(let file): file.digest.hex
    case .rows(let rows): "rows-\(Digest(of: rows.preimage.canonical).hex)"
    }
  }

  private static func clear(_ part: PartialFile) {
    Validator.remove(beside: part)
    part.remove()
  }

  // MARK: - Files

  private func fetch(
    _ file: RemoteFile,
    into part: PartialFile,
    _ fetching: Fetching
  ) async throws -> ObjectRef {
    let download = FileDownload(
      url: file.url,
      part: part,
      web: WebReader(client: fetching.client),
      pace: fetching.pace
    ) { done, total in
      fetching.report(
        DownloadProgress(source: .file(file), unit: .bytes, done: done, total: total, isEnd: false)
      )
    }
    for isLast in [false, true] {
      let isJoined = try await download.run()
      let found = try await keep(part, expecting: file.digest)
      if let object = found.kept { return object }
      let size = part.size
      // Never used, and never gone on from.
      try part.cut(to: 0)
      // Parts of two files may have been joined: one more time from the start tells.
      guard isJoined, !isLast else {
        Self.clear(part)
        throw Self.mismatch(file, found.digest, size)
      }
    }
    preconditionFailure("BUG: the last attempt at '\(file.url)' neither returned nor threw")
  }

  private static func mismatch(_ file: RemoteFile, _ found: Digest, _ size: Int) -> SourceError {
    SourceError(
      "'\(file.url)' has other bytes than the workflow says: sha256 \(found.hex) (\(size) bytes) was "
        + "found, \(file.digest.hex) was expected",
      hint:
        "nothing of it was used. If the publisher changed the file and you want the new one, write "
        + "'sha256: \(found.hex)'"
    )
  }

  // MARK: - Rows

  private func fetch(
    _ rows: HubRows,
    into part: PartialFile,
    _ fetching: Fetching,
    run id: String
  ) async throws -> ObjectRef {
    let download = RowsDownload(
      rows: rows,
      service: fetching.service,
      part: part,
      web: WebReader(client: fetching.client),
      pace: fetching.pace
    ) { done, total in
      fetching.report(
        DownloadProgress(source: .rows(rows), unit: .rows, done: done, total: total, isEnd: false)
      )
    }
    try await download.run()
    let found = try await keep(part, expecting: rows.digest)
    guard let object = found.kept else {
      Self.clear(part)
      throw SourceError(
        "the rows of \(rows.name) are other ones than the workflow says: sha256 \(found.digest.hex) "
          + "was gathered, \(rows.digest?.hex ?? "") was expected",
        hint: "if you want these, write 'sha256: \(found.digest.hex)'"
      )
    }
    try await note(rows, object, run: id)
    return object
  }

  /// Notes which object holds the rows, so that they are found without their digest.
  private func note(_ rows: HubRows, _ object: ObjectRef, run id: String) async throws {
    let key = try await store.results.putPreimage(rows.preimage)
    try await store.results.record(
      key: key,
      kind: "hugging-face-rows",
      outputs: [("rows", object)],
      facts: ["source": rows.identity],
      runID: id
    )
  }

  // MARK: - The store

  /// Puts the bytes in the store if they are those expected; whatever is expected without a digest.
  private func keep(
    _ part: PartialFile,
    expecting digest: Digest?
  ) async throws -> (kept: ObjectRef?, digest: Digest) {
    let writer = try store.objects.writer()
    let found = try await Blocking.run {
      var hasher = SHA256Hasher()
      try part.forEachPiece { piece in
        hasher.update(piece)
        try writer.write(piece)
      }
      return hasher.finalize()
    }
    guard digest == nil || found == digest else {
      writer.cancel()
      return (nil, found)
    }
    return (try await writer.commit(), found)
  }
}
