import BenchmarkSupport
import Foundation

/// Chat calls to a fixed answer, by several clients on the same machine in turn.
@main
enum CallBenchmark {
  static func main() {
    do {
      try run(try Options(Array(CommandLine.arguments.dropFirst())))
    } catch {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(_ options: Options) throws {
    let parent = try makeFolder("call-benchmark", in: FileManager.default.temporaryDirectory.path)
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let server = try FixedAnswerServer(
      nginx: options.nginx,
      in: try makeFolder("nginx", in: parent)
    )
    var report = Report(
      results: try measure(options, server.baseURL, in: parent),
      options: options
    )
    if options.memoryRows > 0 {
      report.memory = try MemoryCurve.measure(
        options,
        server.baseURL,
        in: try makeFolder("memory", in: parent)
      )
    }
    print(report.text)
    if !options.json.isEmpty {
      try report.json.write(toFile: options.json, atomically: true, encoding: .utf8)
    }
  }

  /// Each round lets every client run once, so that what else the machine does falls on all alike.
  private static func measure(
    _ options: Options,
    _ url: String,
    in parent: String
  ) throws -> [ClientResult] {
    let memory =
      options.memoryFolder.isEmpty
      ? nil : try makeFolder("call-benchmark", in: options.memoryFolder)
    defer { if let memory { try? FileManager.default.removeItem(atPath: memory) } }
    var results = clients(options, memory: memory).map { client, folder in
      (client, folder ?? parent, ClientResult(name: client.name))
    }
    for round in 1...options.rounds {
      for index in results.indices {
        let (client, base, _) = results[index]
        let folder = try makeFolder("\(client.name)-\(round)", in: base)
        results[index].2.figures.append(try client.measure(url, in: folder))
        try FileManager.default.removeItem(atPath: folder)
      }
    }
    return results.map(\.2)
  }

  /// The clients, with a folder of their own where it matters.
  private static func clients(_ options: Options, memory: String?) -> [(any Client, String?)] {
    var clients: [(any Client, String?)] = [
      (Wrk(options: options), nil),
      (
        PythonClient(
          name: Report.aiohttp,
          script: "aiohttp_client.py",
          calls: options.calls,
          options: options
        ), nil
      ),
      (
        PythonClient(
          name: Report.openAI,
          script: "openai_client.py",
          calls: max(500, options.calls / 20),
          options: options
        ), nil
      ),
      (Distill(name: Report.distill, rows: options.calls, options: options), nil),
    ]
    if let memory {
      let undurable = Distill(name: Report.undurable, rows: options.calls, options: options)
      clients.append((undurable, memory))
    }
    return clients
  }

  private static func makeFolder(_ name: String, in parent: String) throws -> String {
    let base = URL(fileURLWithPath: parent).resolvingSymlinksInPath().path
    let label = name.filter { $0.isLetter || $0.isNumber || $0 == "-" }
    let path = "\(base)/\(label)-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    return path
  }
}
