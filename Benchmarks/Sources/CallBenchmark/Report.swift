import Foundation

/// The figures of a benchmark as a table for people and as JSON.
struct Report {
  static let aiohttp = "aiohttp"
  static let openAI = "openai-python"
  static let distill = "distill"
  static let undurable = "distill, store in memory"

  let results: [ClientResult]
  let options: Options
  var memory: MemoryCurve?

  var text: String {
    """
    \(options.calls) calls, \(options.concurrency) in flight, to an nginx on the same machine \
    (\(ProcessInfo.processInfo.processorCount) cores); median of \(options.rounds) rounds

    \(table)

    \((ratioLines + memoryLines).joined(separator: "\n"))
    """
  }

  private var table: String {
    let head = [
      "| client | calls a second | processor, µs a call | whole program, s | calls, s | peak, MiB |",
      "|---|---:|---:|---:|---:|---:|",
    ]
    let rows = results.compactMap { result in
      result.median.map { median in
        let cells = [
          result.name, decimals(result.perSecond, 0), decimals(result.microsecondsPerCall, 0),
          decimals(median.wholeSeconds, 2), decimals(median.seconds, 2),
          decimals(median.peakMemory, 0),
        ]
        return "| \(cells.joined(separator: " | ")) |"
      }
    }
    return (head + rows).joined(separator: "\n")
  }

  private var ratioLines: [String] {
    let storedBytes = result(Self.distill)?.median.flatMap { figures in
      figures.storedBytes.map { Double($0) / Double(figures.calls) }
    }
    return [
      line("times aiohttp", ratio(to: Self.aiohttp), "at least 2.5"),
      line("times openai-python", ratio(to: Self.openAI), "at least 20"),
      line("share of wrk", ratio(to: "wrk"), nil),
      line("throughput that durability costs", durabilityCost, "at most 0.25"),
      line("bytes of ledger a call", storedBytes, nil),
    ].compactMap(\.self)
  }

  private func line(_ name: String, _ value: Double?, _ wanted: String?) -> String? {
    value.map {
      "- \(name): \(decimals($0, $0 < 100 ? 2 : 0))\(wanted.map { " (wanted: \($0))" } ?? "")"
    }
  }

  private var memoryLines: [String] {
    guard let memory else { return [] }
    let curve = memory.tenths.map { decimals($0, 0) }.joined(separator: ", ")
    let stored = memory.figures.storedBytes.map { Double($0) / Double(memory.figures.calls) }
    return [
      "- memory of \(memory.figures.calls) rows: \(decimals(memory.figures.peakMemory, 0)) MiB at "
        + "most (wanted: below 500), by tenths of the run: \(curve); "
        + "\(decimals(memory.figures.perSecond, 0)) calls a second, "
        + "\(decimals(memory.figures.wholeSeconds, 0)) s in all, "
        + "\(stored.map { decimals($0, 0) } ?? "?") bytes of ledger a call"
    ]
  }

  private func result(_ name: String) -> ClientResult? { results.first { $0.name == name } }

  private func ratio(to name: String) -> Double? {
    guard let ours = result(Self.distill), let theirs = result(name) else { return nil }
    return ours.perSecond / theirs.perSecond
  }

  /// The share of the throughput that is lost because answers wait for the disk.
  private var durabilityCost: Double? {
    guard let ours = result(Self.distill), let undurable = result(Self.undurable) else {
      return nil
    }
    return 1 - ours.perSecond / undurable.perSecond
  }

  private func decimals(_ value: Double, _ count: Int) -> String {
    String(format: "%.\(count)f", value)
  }
}

extension Report {
  var json: String {
    get throws {
      var members: [String: Any] = [
        "calls": options.calls, "concurrency": options.concurrency, "rounds": options.rounds,
        "cores": ProcessInfo.processInfo.processorCount,
        "clients": results.map { result in
          [
            "name": result.name, "calls_per_second": result.figures.map(\.perSecond),
            "median": result.perSecond, "processor_us_per_call": result.microsecondsPerCall,
          ] as [String: Any]
        },
      ]
      members["times_aiohttp"] = ratio(to: Self.aiohttp)
      members["times_openai_python"] = ratio(to: Self.openAI)
      members["share_of_wrk"] = ratio(to: "wrk")
      members["durability_cost"] = durabilityCost
      if let memory {
        members["memory"] = [
          "rows": memory.figures.calls, "peak_mib": memory.figures.peakMemory,
          "tenths_mib": memory.tenths, "seconds": memory.figures.wholeSeconds,
        ]
      }
      let data = try JSONSerialization.data(
        withJSONObject: members,
        options: [.prettyPrinted, .sortedKeys]
      )
      return String(decoding: data, as: UTF8.self) + "\n"
    }
  }
}
