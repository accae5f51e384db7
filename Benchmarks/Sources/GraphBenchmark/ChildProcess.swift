import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One program run to its end, with its time and memory.
///
/// By `posix_spawn` and `wait4`, because Foundation's `Process` does not hand out the resource usage
/// of one child.
struct ChildProcess {
  /// Wall time, in seconds.
  let seconds: Double
  /// The most memory that the program, or any one program that it started, held: in MiB.
  let peakMemory: Double
  let output: String

  /// Runs a program in a folder; its standard output goes to a file there.
  static func run(_ arguments: [String], in folder: String) throws -> ChildProcess {
    let clock = ContinuousClock()
    let start = clock.now
    let output = "\(folder)/.output"
    let identifier = try spawn(arguments, in: folder, output: output)
    var status: Int32 = 0
    var usage = rusage()
    while wait4(identifier, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw BenchmarkError("cannot wait for '\(arguments[0])'") }
    }
    let seconds = (clock.now - start) / .seconds(1)
    let text = try String(contentsOfFile: output, encoding: .utf8)
    guard status == 0 else {
      let command = arguments.joined(separator: " ")
      throw BenchmarkError("'\(command)' ended with wait status \(status); it printed:\n\(text)")
    }
    return ChildProcess(
      seconds: seconds,
      peakMemory: Double(usage.ru_maxrss) / unitsPerMebibyte,
      output: text
    )
  }

  /// `ru_maxrss` counts kibibytes on Linux, bytes on macOS.
  private static var unitsPerMebibyte: Double {
    #if os(Linux)
      1024
    #else
      1024 * 1024
    #endif
  }

  private static func spawn(
    _ arguments: [String],
    in folder: String,
    output: String
  ) throws -> pid_t {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(
      &actions,
      STDOUT_FILENO,
      output,
      O_WRONLY | O_CREAT | O_TRUNC,
      0o600
    )

    // A child starts where its parent is: the action that would change it is not in every header.
    guard FileManager.default.changeCurrentDirectoryPath(folder) else {
      throw BenchmarkError("cannot change to the folder '\(folder)'")
    }
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var identifier: pid_t = 0
    let code = posix_spawnp(&identifier, arguments[0], &actions, nil, words, environ)
    guard code == 0 else {
      throw BenchmarkError("cannot start '\(arguments[0])': \(String(cString: strerror(code)))")
    }
    return identifier
  }
}

/// What stops the benchmark, in words for the user.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
