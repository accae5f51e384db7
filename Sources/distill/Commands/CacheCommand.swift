import ArgumentParser
import Primitives
import Store

/// Looks after the store.
struct CacheCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Verify and repair the cache, remove what nobody needs, carry runs elsewhere.",
    subcommands: [
      CacheVerify.self, Stats.self, CacheCollect.self, CachePin.self, CacheUnpin.self,
      CachePins.self, CacheExport.self, CacheImport.self,
    ]
  )

  struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "stats",
      abstract: "Show how much is in the cache."
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
      try await StoreCommand.with(common) { store in
        let stats = try await store.stats()
        if common.json { return Terminal.output(StatsText.json(stats, path: store.path)) }
        for line in StatsText.lines(stats, path: store.path) { Terminal.output(line) }
      }
    }
  }
}

/// What is in a store, in words and as JSON.
private enum StatsText {
  static func lines(_ stats: StoreStats, path: String) -> [String] {
    let databases = SizeText.of(stats.indexBytes + stats.ledgerBytes)
    let attempts = stats.attempts.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
    return [
      "cache \(path)",
      "\(stats.objects) objects, \(SizeText.of(stats.objectBytes)); databases \(databases)",
      "\(stats.results) results of \(stats.runs) runs",
      "\(stats.calls) calls, \(stats.inDoubt) in doubt"
        + (attempts.isEmpty ? "" : "; attempts: \(attempts.joined(separator: ", "))"),
    ]
  }

  static func json(_ stats: StoreStats, path: String) -> JSON {
    let attempts = stats.attempts.sorted { $0.key < $1.key }.map {
      entry -> (key: String, value: JSON) in
      (
        entry.key,
        [
          "count": JSON(entry.value.count), "prompt_tokens": JSON(entry.value.promptTokens),
          "completion_tokens": JSON(entry.value.completionTokens),
          "cost_usd": .number(entry.value.cost.usd),
        ]
      )
    }
    return [
      "type": "stats", "version": 1, "path": .string(path), "objects": JSON(stats.objects),
      "object_bytes": JSON(stats.objectBytes), "results": JSON(stats.results),
      "runs": JSON(stats.runs), "calls": JSON(stats.calls), "in_doubt": JSON(stats.inDoubt),
      "jobs": JSON(stats.jobs), "attempts": .object(JSONObject(attempts)),
      "index_bytes": JSON(stats.indexBytes), "ledger_bytes": JSON(stats.ledgerBytes),
    ]
  }
}

/// Sizes as people say them.
enum SizeText {
  static func of(_ bytes: Int) -> String {
    var value = Double(bytes)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 || unit == "GiB" {
        return unit == "B" ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(unit)"
      }
      value /= 1024
    }
    return "\(bytes) B"
  }
}
