import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Starts a program in a folder, with its standard output going to a descriptor of this process.
///
/// By `posix_spawn`, because Foundation's `Process` does not hand out the resource usage of one child.
func spawn(_ arguments: [String], in folder: String, output: Int32) throws -> pid_t {
  #if canImport(Glibc)
    var actions = posix_spawn_file_actions_t()
  #else
    var actions: posix_spawn_file_actions_t?
  #endif
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)

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

/// A pipe whose ends no child inherits, save as its standard output.
struct Pipe: ~Copyable {
  let reader: Int32
  private(set) var writer: Int32

  init() throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw BenchmarkError("cannot make a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reader, writer) = (ends[0], ends[1])
  }

  /// Closes the writing end here, so that the reading one ends with the child's.
  mutating func closeWriter() {
    if writer >= 0 { close(writer) }
    writer = -1
  }

  deinit {
    close(reader)
    if writer >= 0 { close(writer) }
  }
}

/// What stops the benchmark, in words for the user.
package struct BenchmarkError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
