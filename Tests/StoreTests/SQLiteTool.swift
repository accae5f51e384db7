import Foundation
import Testing

struct ToolFailed: Error {
  let status: Int32
  let output: String
}

/// Runs a program to its end; its standard output.
@discardableResult
func runTool(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw ToolFailed(status: process.terminationStatus, output: output)
  }
  return output
}

/// Does with a database what the store never would, from another process.
@discardableResult
func runSQLite(_ path: String, _ sql: String) throws -> String {
  try runTool(["python3", "-c", sqliteScript, path, sql])
}

/// Python brings SQLite along; its command line tool may be missing.
private let sqliteScript = """
  import sqlite3, sys
  database = sqlite3.connect(sys.argv[1])
  for row in database.execute(sys.argv[2]):
    print("|".join(str(value) for value in row))
  database.commit()
  database.close()
  """

/// Runs many statements from another process.
func runSQLScript(_ path: String, _ sql: String) throws {
  let script = """
    import sqlite3, sys
    database = sqlite3.connect(sys.argv[1])
    database.executescript(sys.argv[2])
    database.close()
    """
  try runTool(["python3", "-c", script, path, sql])
}
