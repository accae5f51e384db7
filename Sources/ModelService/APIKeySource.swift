import Diagnostics
import Foundation
import Primitives

/// Where an API key is found; the key itself never stands in a workflow.
package enum APIKeySource: Hashable, Sendable {
  case environment(String)
  /// The file's first line.
  case file(String)
  /// A program and its arguments; the first line that it prints.
  case command([String])

  /// How messages name the source.
  package var name: String {
    switch self {
    case .environment(let name): "environment variable '\(name)'"
    case .file(let path): "file '\(path)'"
    case .command(let words): "command '\(words.first ?? "")'"
    }
  }

  /// Fetches the key; blocks while a command runs.
  func read() throws(Problem) -> Secret {
    let text: String
    switch self {
    case .environment(let name): text = try Self.variable(name)
    case .file(let path): text = try Self.content(of: path)
    case .command(let words): text = try Self.output(of: words)
    }
    let line = text.prefix { $0 != "\n" && $0 != "\r\n" }.trimmingCharacters(in: .whitespaces)
    guard !line.isEmpty else {
      throw Problem("\(name) holds no API key", at: nil, hint: "put the key there, on one line")
    }
    // Anything else cannot stand in a header.
    guard line.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Problem(
        "the API key in \(name) holds a space or a character outside ASCII",
        at: nil,
        hint: "expected the key alone on the first line"
      )
    }
    return Secret(line)
  }

  private static func variable(_ name: String) throws(Problem) -> String {
    guard let value = ProcessEnvironment.value(of: name) else {
      throw Problem(
        "environment variable '\(name)' is not set, so there is no API key",
        at: nil,
        hint: "export \(name)=… and run again"
      )
    }
    return value
  }

  private static func content(of path: String) throws(Problem) -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw Problem(
        "cannot read the API key in file '\(path)'",
        at: nil,
        hint: "expected a text file with the key on its first line"
      )
    }
  }

  private static func output(of words: [String]) throws(Problem) -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw Problem("cannot start the API key's command '\(words.first ?? "")'", at: nil)
    }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Problem(
        "the API key's command '\(words.first ?? "")' ended with \(process.terminationStatus)",
        at: nil,
        hint: "run it by hand: it must print the key and end with 0"
      )
    }
    return String(decoding: output, as: UTF8.self)
  }
}

/// The keys read so far, in memory only.
actor KeyRing {
  private var keys: [APIKeySource: Task<Secret, any Error>] = [:]

  /// The key of a source, fetched at its first use.
  ///
  /// - Throws: `Problem` if there is none; the next call tries again.
  func secret(_ source: APIKeySource) async throws -> Secret {
    // One task a source: a command that asks for a password runs once.
    // Commands block, so they run where that is allowed.
    let task = keys[source] ?? Task { try await Blocking.run { try source.read() } }
    keys[source] = task
    do {
      return try await task.value
    } catch {
      keys[source] = nil
      throw error
    }
  }
}
