import Foundation
import TestSupport

/// What a run of the tool did to the files below one folder, and what it sent, in order: the log
/// of strace, which keeps every byte.
///
/// Maps of files are not in it: they are not written by calls.
struct PowerLossLog {
  enum Operation {
    case create(String, empties: Bool)
    /// Without an offset: at the end.
    case write(String, offset: Int?, [UInt8])
    case truncate(String, size: Int)
    /// Space up to a place; a file that is shorter becomes as long.
    case allocate(String, end: Int)
    case rename(String, to: String)
    case remove(String)
    case makeFolder(String)
    /// An fsync or fdatasync of a file or folder covers what ended before it began.
    case syncBegins(String)
    case syncEnds(String, begun: Int)
    case send([UInt8])
  }

  /// Their indices are the moments at which power may fail.
  private(set) var operations: [Operation] = []
  /// The first part of each call that another thread's interrupted in the log, by thread.
  private var unfinished: [String: [UInt8]] = [:]
  /// Where the sync began that a thread is in.
  private var syncs: [String: Int] = [:]
  private let folder: String

  static var isPossible: Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["strace", "-o", "/dev/null", "true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private static let calls = [
    "open", "openat", "creat", "write", "pwrite64", "writev", "pwritev", "pwritev2", "fsync",
    "fdatasync", "sync_file_range", "rename", "renameat", "renameat2", "link", "linkat", "unlink",
    "unlinkat", "rmdir", "mkdir", "mkdirat", "truncate", "ftruncate", "fallocate", "sendto",
    "sendmsg", "copy_file_range", "sendfile",
  ]

  /// Runs the tool and reads the log of it.
  static func run(_ arguments: [String], in project: String, over folder: String) throws
    -> (Tool.Result, PowerLossLog)
  {
    let outputs = try TemporaryFolder()
    let log = "\(outputs.path)/log"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["strace", "-f", "-y", "-xx", "-s", "100000000", "-o", log]
      + ["-e", "trace=\(calls.joined(separator: ","))", Tool.path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: project)
    process.environment = Tool.environment
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try outputs.write("", to: name) }
    process.standardOutput = FileHandle(forWritingAtPath: "\(outputs.path)/out")
    process.standardError = FileHandle(forWritingAtPath: "\(outputs.path)/err")
    try process.run()
    let result = try Running(process: process, outputs: outputs).result()
    let text = try Data(contentsOf: URL(fileURLWithPath: log))
    return (result, try PowerLossLog(text, over: folder))
  }

  struct Unknown: Error { let line: String }

  init(_ log: Data, over folder: String) throws {
    self.folder = folder
    for line in log.split(separator: 0x0A) { try read(Array(line)) }
  }

  private mutating func read(_ line: [UInt8]) throws {
    guard let space = line.firstIndex(of: 0x20) else { return }
    let thread = String(decoding: line[..<space], as: UTF8.self)
    var rest = Array(line[space...].drop { $0 == 0x20 })
    if rest.starts(with: Array("<... ".utf8)) {
      guard let first = unfinished.removeValue(forKey: thread),
        let end = rest.firstIndex(of: 0x3E)
      else { return }
      rest = first + rest[(end + 1)...]
    } else if rest.ends(with: " <unfinished ...>") {
      rest.removeLast(" <unfinished ...>".utf8.count)
      unfinished[thread] = rest
      begin(PowerLossCall(rest), thread)
      return
    } else {
      begin(PowerLossCall(rest), thread)
    }
    try end(PowerLossCall(rest), thread, rest)
  }

  /// A request counts as out when it begins to be sent.
  private mutating func begin(_ call: PowerLossCall, _ thread: String) {
    switch call.name {
    case "fsync", "fdatasync":
      guard let path = below(call.path(0)) else { return }
      syncs[thread] = operations.count
      operations.append(.syncBegins(path))
    case "sendto", "sendmsg":
      if let bytes = call.bytes.first { operations.append(.send(bytes)) }
    default: break
    }
  }

  /// Everything else counts when it ends, and not if it failed.
  private mutating func end(_ call: PowerLossCall, _ thread: String, _ line: [UInt8]) throws {
    guard let result = call.result, result >= 0 else { return }
    switch call.name {
    case "open", "openat", "creat":
      guard let path = below(call.resultPath), call.flags.contains("O_CREAT") else { return }
      operations.append(.create(path, empties: call.flags.contains("O_TRUNC")))
    case "write", "pwrite64":
      guard let path = below(call.path(0)), let bytes = call.bytes.first else { return }
      let offset = call.name == "write" ? nil : call.number(3)
      operations.append(.write(path, offset: offset, Array(bytes.prefix(result))))
    case "fsync", "fdatasync":
      guard let path = below(call.path(0)), let begun = syncs.removeValue(forKey: thread) else {
        return
      }
      operations.append(.syncEnds(path, begun: begun))
    case "ftruncate":
      guard let path = below(call.path(0)), let size = call.number(1) else { return }
      operations.append(.truncate(path, size: size))
    case "fallocate":
      guard let path = below(call.path(0)) else { return }
      guard call.number(1) == 0, let offset = call.number(2), let count = call.number(3) else {
        throw Unknown(line: "fallocate of \(path)")
      }
      operations.append(.allocate(path, end: offset + count))
    case "rename":
      guard let old = below(call.text(0)), let new = below(call.text(1)) else { return }
      operations.append(.rename(old, to: new))
    case "unlink":
      if let path = below(call.text(0)) { operations.append(.remove(path)) }
    case "mkdir":
      if let path = below(call.text(0)) { operations.append(.makeFolder(path)) }
    case "sendto", "sendmsg": break
    default:
      // Nothing that the model does not know may pass it by.
      let paths = [call.path(0), call.path(1), call.path(2), call.text(0), call.text(1)]
      if paths.contains(where: { below($0) != nil }) {
        throw Unknown(line: String(decoding: line.prefix(200), as: UTF8.self))
      }
    }
  }

  /// A path below the folder, without it; the folder itself is the empty text.
  private func below(_ path: String?) -> String? {
    guard let path else { return nil }
    if path == folder { return "" }
    return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : nil
  }
}

extension [UInt8] {
  fileprivate func ends(with text: String) -> Bool {
    suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
