#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A program that runs beside the benchmark until it is told to end.
package final class BackgroundProcess {
  private let identifier: pid_t

  /// Starts a program in a folder; what it prints goes to standard error.
  package init(_ arguments: [String], in folder: String) throws {
    identifier = try spawn(arguments, in: folder, output: STDERR_FILENO)
  }

  deinit {
    kill(identifier, SIGTERM)
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
  }
}
