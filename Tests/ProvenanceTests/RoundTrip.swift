import Foundation
import Primitives
import Provenance
import TestSupport
import Testing

/// The way of a pinned state through git's own hands and back to files.
///
/// The judge is the git command: it checks the objects, drops what no ref names, pushes the refs to
/// a bare repository and clones that; the files restored from the clone must be those pinned.
struct RoundTrip {
  let git: GitFolder
  let folder: TemporaryFolder
  /// The bytes of every input at the time of the pin, as a store would keep them, by digest.
  private let objects: [String: String]

  init(_ git: GitFolder, _ inputs: [PinInput]) throws {
    self.git = git
    let folder = try TemporaryFolder()
    var objects: [String: String] = [:]
    for input in inputs {
      let object = "\(folder.path)/\(input.digest.hex)"
      if objects[input.digest.hex] == nil {
        try FileManager.default.copyItem(atPath: input.path, toPath: object)
      }
      objects[input.digest.hex] = object
    }
    self.folder = folder
    self.objects = objects
  }

  /// Pins files, and has git and a clone prove that they can be had again.
  ///
  /// A remote that has the history already is to be named for a shallow clone.
  ///
  /// - Returns: The pin, for what else is to be said of it.
  @discardableResult
  static func prove(
    _ git: GitFolder,
    _ files: [String],
    run id: String = "r1",
    at start: String = "",
    through remote: String? = nil
  ) throws -> RunPin {
    let trip = try RoundTrip(git, try files.map { try git.input($0) })
    let before = try git.surroundings(start)
    let pin = try git.pin(files, run: id, at: start)
    #expect(try git.surroundings(start) == before)
    #expect(pin.notPinned == nil)
    #expect(pin.ref == "refs/distill/runs/\(id)")
    try trip.judge(pin, at: start, through: remote)
    // The same state makes the same commit, whatever the run.
    #expect(try git.pin(files, run: "\(id)-again", at: start).commit == pin.commit)
    return pin
  }

  private func judge(_ pin: RunPin, at start: String, through known: String?) throws {
    let commit = try #require(pin.commit)
    let ref = try #require(pin.ref)
    #expect(try git.git("rev-parse", ref, at: start) == commit)
    try git.check(start)
    try git.git("gc", "-q", "--prune=now", at: start)
    #expect(try git.git("cat-file", "-t", commit, at: start) == "commit")
    try git.check(start)

    let remote = known ?? "\(folder.path)/remote.git"
    if known == nil { try git.git("init", "-q", "--bare", remote) }
    try git.git("push", "-q", remote, "refs/distill/*", at: start)
    let clone = "\(folder.path)/clone"
    try git.git("clone", "-q", remote, clone)
    try git.git("-C", clone, "fetch", "-q", "origin", "refs/distill/*:refs/distill/*")
    try restore(pin, from: clone, to: "elsewhere")
    try restore(pin, from: "\(git.path)/\(start)", to: "here")
  }

  /// Restores by the run's ref and compares every input, those outside left to the caller.
  private func restore(_ pin: RunPin, from clone: String, to name: String) throws {
    guard let repository = try Repository.discover(from: clone) else {
      throw GitFolder.NoRepository()
    }
    let target = "\(folder.path)/\(name)"
    let commit = try repository.resolve(String(try #require(pin.ref).split(separator: "/")[3]))
    let restored = try repository.restore(commit.commit, to: target)
    #expect(restored.differing == [])
    for file in restored.needed where !file.isOutside {
      try restored.fill(file, from: try #require(objects[file.digest.hex]))
    }
    let outside = restored.needed.filter(\.isOutside).map(\.digest.hex)
    for pinned in pin.inputs {
      if pinned.isOutside {
        #expect(outside.contains(pinned.input.digest.hex))
        continue
      }
      // A submodule's commits come with a clone of their own.
      if name == "elsewhere", pinned.place == .head, let submodule = pinned.submodule {
        let missing = restored.submodules.filter { $0.missing != nil }.map(\.path)
        #expect(missing.contains { "\(submodule.path)/".hasPrefix("\($0)/") })
        continue
      }
      let bytes = FileManager.default.contents(atPath: "\(target)/\(pinned.treePath)")
      #expect(bytes.map { Digest(of: $0) } == pinned.input.digest, "\(pinned.treePath) in \(name)")
      let isExecutable = FileManager.default.isExecutableFile(
        atPath: "\(target)/\(pinned.treePath)"
      )
      #expect(isExecutable == pinned.isExecutable, "\(pinned.treePath) in \(name)")
    }
  }
}
