import BenchmarkSupport
import Foundation

/// What the benchmark is asked to do.
struct Options {
  var nodes = 1000
  var width = 50
  /// Measurements of each case; the median is reported.
  var runs = 5
  /// Steps at once, for both tools.
  var jobs = ProcessInfo.processInfo.activeProcessorCount
  var distill = ""
  var ninja = "ninja"

  static let usage = """
    usage: graph-benchmark --distill PATH [--nodes N] [--width N] [--runs N] [--jobs N] [--ninja PATH]

    Runs a graph of small commands by distill and by ninja: with nothing done, then with nothing
    to do. Everything is written to a temporary folder, which is removed.
    """

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else {
        throw BenchmarkError("'\(name)' has no value\n\(Self.usage)")
      }
      switch name {
      case "--distill": distill = value
      case "--ninja": ninja = value
      case "--nodes": nodes = try Self.number(value, of: name)
      case "--width": width = try Self.number(value, of: name)
      case "--runs": runs = try Self.number(value, of: name)
      case "--jobs": jobs = try Self.number(value, of: name)
      default: throw BenchmarkError("unknown option '\(name)'\n\(Self.usage)")
      }
    }
    guard !distill.isEmpty else { throw BenchmarkError("--distill is missing\n\(Self.usage)") }
    // Programs are started from another folder.
    distill = URL(fileURLWithPath: distill).path
  }

  private static func number(_ text: String, of name: String) throws -> Int {
    guard let number = Int(text), number > 0 else {
      throw BenchmarkError("\(name) wants a whole number above 0, not '\(text)'")
    }
    return number
  }
}
