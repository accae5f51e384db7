import BenchmarkSupport
import Foundation

/// What the benchmark is asked to do.
struct Options {
  var distill = ""
  /// A Python that has aiohttp and openai.
  var python = ""
  /// Where the clients' programs lie.
  var clients = ""
  var nginx = "nginx"
  var wrk = "wrk"
  /// Calls of one measurement by distill and by aiohttp; openai-python makes a tenth.
  var calls = 50_000
  /// Measurements of each client, one round after the other; the median is reported.
  var rounds = 3
  /// Calls in flight, for every client.
  var concurrency = 64
  /// A folder in memory, where waiting for the disk costs nothing; empty leaves that measurement out.
  var memoryFolder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : ""
  /// Rows of the measurement of memory; 0 leaves it out.
  var memoryRows = 0
  /// Where the figures go as JSON; empty is nowhere.
  var json = ""

  static let usage = """
    usage: call-benchmark --distill PATH --python PATH --clients FOLDER [--calls N] [--rounds N]
                          [--concurrency N] [--memory-rows N] [--memory-folder PATH] [--json PATH]
                          [--nginx PATH] [--wrk PATH]

    Makes chat calls to an nginx that returns a fixed answer: by wrk, aiohttp, openai-python and
    distill, whose answers are durable. Everything is written to a temporary folder, which is removed.
    """

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else {
        throw BenchmarkError("'\(name)' has no value\n\(Self.usage)")
      }
      try set(name, value)
    }
    for (name, value) in [("distill", distill), ("python", python), ("clients", clients)]
    where value.isEmpty {
      throw BenchmarkError("--\(name) is missing\n\(Self.usage)")
    }
    // Programs are started from other folders.
    distill = URL(fileURLWithPath: distill).path
    python = URL(fileURLWithPath: python).path
    clients = URL(fileURLWithPath: clients).path
    if !json.isEmpty { json = URL(fileURLWithPath: json).path }
  }

  private mutating func set(_ name: String, _ value: String) throws {
    switch name {
    case "--distill": distill = value
    case "--python": python = value
    case "--clients": clients = value
    case "--nginx": nginx = value
    case "--wrk": wrk = value
    case "--calls": calls = try Self.number(value, of: name)
    case "--rounds": rounds = try Self.number(value, of: name)
    case "--concurrency": concurrency = try Self.number(value, of: name)
    case "--memory-rows": memoryRows = try Self.number(value, of: name)
    case "--memory-folder": memoryFolder = value
    case "--json": json = value
    default: throw BenchmarkError("unknown option '\(name)'\n\(Self.usage)")
    }
  }

  private static func number(_ text: String, of name: String) throws -> Int {
    guard let number = Int(text), number > 0 else {
      throw BenchmarkError("\(name) wants a whole number above 0, not '\(text)'")
    }
    return number
  }
}
