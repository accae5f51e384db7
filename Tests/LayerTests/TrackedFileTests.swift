import Foundation
import TestSupport
import Testing

@Suite("Tracked files")
struct TrackedFileTests {
  /// Lines of tracked text files that match; git leaves binary files out by itself.
  private static func lines(matching pattern: [String]) throws -> [String] {
    let (lines, code) = try Project.git(["grep", "-nI"] + pattern)
    // 1 says that nothing matched.
    try #require(code == 0 || code == 1, "git grep ended with \(code)")
    return lines
  }

  // Put together here, so that this file does not name what it looks for.
  @Test("nothing is left for later", arguments: ["TO" + "DO", "FIX" + "ME"])
  func words(word: String) throws {
    #expect(try Self.lines(matching: ["-w", "-F", "-e", word]) == [])
  }

  @Test("no file names a folder of somebody's machine")
  func machinePaths() throws {
    let homes = "(^|[^[:alnum:]_./-])(/home|/Users)/[[:alnum:]]"
    #expect(try Self.lines(matching: ["-E", "-e", homes]) == [])
    #expect(try Self.lines(matching: ["-F", "-e", "\(ProjectFolder.path)/"]) == [])
  }

  @Test("nothing that is built or resolved is tracked")
  func builtFiles() throws {
    let tracked = try Project.git(["ls-files"]).lines
    #expect(tracked.contains("Package.swift"))
    let built = tracked.filter { $0.contains(".build") || $0.hasSuffix("Package.resolved") }
    #expect(built == [])
  }
}
