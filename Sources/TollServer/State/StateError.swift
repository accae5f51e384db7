/// A file of the state that cannot be read.
struct StateError: Error, CustomStringConvertible {
  let path: String

  var description: String {
    "state file '\(path)' is not of this server; give '--state' a folder of its own"
  }
}
