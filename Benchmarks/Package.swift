// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Drives the built `distill` as its users do; it shares no code with it.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  targets: [
    .target(name: "BenchmarkSupport", swiftSettings: settings),
    .executableTarget(
      name: "graph-benchmark",
      dependencies: ["BenchmarkSupport"],
      path: "Sources/GraphBenchmark",
      swiftSettings: settings
    ),
    .executableTarget(
      name: "call-benchmark",
      dependencies: ["BenchmarkSupport"],
      path: "Sources/CallBenchmark",
      swiftSettings: settings
    ),
  ]
)
