import Foundation
import TestSupport

/// The files of the project, by paths relative to it.
enum Project {
  static func read(_ path: String) throws -> String {
    String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: "\(ProjectFolder.path)/\(path)")),
      as: UTF8.self
    )
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(ProjectFolder.path)/\(path)")
  }

  /// Swift files at any depth below a folder, sorted.
  static func swiftFiles(under folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(ProjectFolder.path)/\(folder)")
      .filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }.sorted()
  }

  static func manifest() throws -> Manifest { try Manifest(read("Package.swift")) }

  /// Runs git in the project; its output by lines, and its exit code.
  static func git(_ arguments: [String]) throws -> (lines: [String], code: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", ProjectFolder.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    return (lines, process.terminationStatus)
  }

  /// Tracked files with a suffix.
  static func tracked(_ suffix: String) throws -> [String] {
    let (lines, code) = try git(["ls-files", "*\(suffix)"])
    guard code == 0 else { throw ManifestError(message: "git ls-files ended with \(code)") }
    return lines
  }
}
