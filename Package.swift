// swift-tools-version: 6.2
import PackageDescription

// The order of the targets is the order of the layers (docs/design.md, "Layers"): a module imports
// only from rows above it. `Tests/LayerTests` compares the import lines with this list.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
  of name: String,
  _ dependencies: [Target.Dependency] = [],
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    exclude: exclude,
    swiftSettings: settings
  )
}

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let flyingFox: Target.Dependency = .product(name: "FlyingFox", package: "FlyingFox")
let flyingSocks: Target.Dependency = .product(name: "FlyingSocks", package: "FlyingFox")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(
  name: "SystemPackage",
  package: "swift-system",
  condition: .when(platforms: [.linux])
)
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser",
  package: "swift-argument-parser"
)

let package = Package(
  name: "distill",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "distill", targets: ["distill"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CYAML",
      pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
    ),
    .systemLibrary(
      name: "CCurl",
      pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]
    ),
    .systemLibrary(
      name: "CGit2",
      pkgConfig: "libgit2",
      providers: [.apt(["libgit2-dev"]), .brew(["libgit2"])]
    ),
    .systemLibrary(
      name: "CBLAS",
      pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]
    ),
    .systemLibrary(
      name: "CCrypto",
      pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
    ),

    .target(name: "CLanes"),
    module("Primitives", ["CCrypto"]),
    module("Diagnostics"),
    module("YAMLTree", ["CYAML", "Diagnostics"]),
    module("Transfer", ["CCurl"]),
    module("Provenance", ["CGit2", "Primitives"]),
    module("Store", ["Primitives", grdb, grdbSQLite]),
    module("Downloads", ["Primitives", "Transfer", "Store"]),
    module("Schedule"),
    module("TinyLlama", ["CBLAS", "CLanes", "Primitives"]),
    module("ModelService", ["Primitives", "Diagnostics", "Transfer", "Store", logging]),
    module("ModelServer", ["Primitives", "Store", "TinyLlama", flyingFox, flyingSocks, logging]),
    module("Tasks", ["Primitives", "Diagnostics", "YAMLTree"]),
    module("Workflow", ["Primitives", "Diagnostics", "YAMLTree", "Tasks"]),
    module(
      "Execution",
      [
        "Primitives", "Diagnostics", "Store", "Downloads", "ModelService", "Tasks", "Workflow",
        logging,
      ]
    ),
    module(
      "NodeKinds",
      [
        "Primitives", "Diagnostics", "Store", "Downloads", "ModelService", "Tasks", "Workflow",
        "Execution", subprocess, systemPackage, logging,
      ]
    ),
    module(
      "Engine",
      [
        "Primitives", "Diagnostics", "Store", "Downloads", "Schedule", "ModelService", "Tasks",
        "Workflow", "Execution", logging,
      ]
    ),
    module("Lineage", ["Primitives", "Store", "ModelService", "Tasks"]),
    module(
      "Exports",
      ["Primitives", "Diagnostics", "Transfer", "Store", "ModelService", "Lineage"]
    ),
    .executableTarget(
      name: "distill",
      dependencies: [
        "Primitives", "Diagnostics", "YAMLTree", "Transfer", "Provenance", "Store", "Downloads",
        "Schedule", "TinyLlama", "ModelService", "ModelServer", "Tasks", "Workflow", "Execution",
        "NodeKinds", "Engine", "Lineage", "Exports", argumentParser, logging,
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "tiny-recipe",
      dependencies: ["Primitives", "TinyLlama", argumentParser],
      path: "Sources/TinyRecipe",
      swiftSettings: settings
    ),
    .executableTarget(
      name: "runtime-probe",
      dependencies: ["CBLAS", "Primitives", "TinyLlama"],
      path: "Sources/RuntimeProbe",
      swiftSettings: settings
    ),
    .executableTarget(
      name: "toll-server",
      dependencies: ["Primitives", argumentParser],
      path: "Sources/TollServer",
      swiftSettings: settings
    ),

    .target(
      name: "TestSupport",
      dependencies: ["Primitives"],
      path: "Tests/TestSupport",
      swiftSettings: settings
    ),
    tests(of: "Primitives"),
    tests(of: "Diagnostics"),
    tests(of: "YAMLTree", ["Diagnostics", "Primitives"]),
    tests(of: "Transfer"),
    tests(of: "Provenance", ["Primitives"]),
    tests(of: "Store", ["Primitives"]),
    tests(of: "Downloads", ["Primitives", "Transfer", "Store"]),
    tests(of: "Schedule"),
    tests(of: "TinyLlama", ["Primitives"], exclude: ["Golden"]),
    tests(of: "ModelService", ["Primitives", "Diagnostics", "Transfer", "Store"]),
    tests(of: "ModelServer", ["Primitives", "Store", "TinyLlama"]),
    tests(of: "Tasks", ["Primitives", "Diagnostics", "YAMLTree"], exclude: ["Fixtures"]),
    tests(of: "Workflow", ["Primitives", "Diagnostics", "YAMLTree", "Tasks"]),
    tests(
      of: "NodeKinds",
      [
        "Primitives", "Diagnostics", "Transfer", "Store", "Downloads", "ModelService", "Tasks",
        "Workflow", "Execution",
      ]
    ),
    tests(
      of: "Engine",
      [
        "Primitives", "Diagnostics", "Transfer", "Store", "Downloads", "Schedule", "ModelService",
        "Workflow", "Execution", "NodeKinds",
      ]
    ),
    tests(of: "Lineage", ["Primitives", "Store", "ModelService", "Tasks"]),
    tests(of: "Exports", ["Primitives", "Transfer", "Store", "Lineage"]),
    .testTarget(
      name: "TinyRecipeTests",
      dependencies: ["tiny-recipe", "Primitives", "TinyLlama", "Tasks", "TestSupport"],
      swiftSettings: settings
    ),
    .target(
      name: "TollRig",
      dependencies: ["Primitives"],
      path: "Tests/TollServerTests/Rig",
      swiftSettings: settings
    ),
    .testTarget(
      name: "TollServerTests",
      dependencies: ["toll-server", "TollRig", "Primitives", "TestSupport"],
      exclude: ["Rig"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "LayerTests",
      dependencies: ["TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "CommandTests",
      dependencies: ["distill", "toll-server", "TollRig", "Primitives", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ProofTests",
      dependencies: ["distill", "toll-server", "Primitives", "TestSupport"],
      swiftSettings: settings
    ),
  ]
)
