import Foundation
import Testing

@Suite("Layers")
struct LayerTests {
  @Test("every module imports only what it declares, from rows above")
  func imports() throws {
    let rule = LayerRule(manifest: try Project.manifest())
    let lines = try Project.swiftFiles(under: "Sources").flatMap { file in
      ImportLine.all(in: try Project.read(file), file: file)
    }
    // A scanner that finds nothing would find nothing wrong.
    #expect(lines.count > 100)
    #expect(lines.compactMap(rule.violation) == [])
  }

  @Test("every module depends only on rows above")
  func declarations() throws {
    let manifest = try Project.manifest()
    #expect(manifest.modules.count >= 20)
    #expect(LayerRule(manifest: manifest).violations() == [])
  }

  @Test("the layers in docs/design.md are the targets of Package.swift, in their order")
  func table() throws {
    let design = try Project.read("docs/design.md")
    let start = try #require(design.range(of: "\n## Layers\n")).upperBound
    let end = design[start...].range(of: "\n## ")?.lowerBound ?? design.endIndex
    let names = design[start..<end].split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap {
      row in
      let cell = row.split(separator: "|").first ?? ""
      return cell.matches(of: /`([^`]+)`/).map { String($0.output.1) }
    }
    #expect(names == (try Project.manifest().modules.map(\.name)))
  }
}

@Suite("The rule of the layers, on a package with mistakes")
struct LayerRuleTests {
  private static let package = """
    let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
    let package = Package(
      products: [.executable(name: "tool", targets: ["tool"])],
      targets: [
        .systemLibrary(name: "CZip", pkgConfig: "zip", providers: [.apt(["libzip-dev"])]),
        module("Base", ["CZip"]),
        module("Middle", ["Base", "Top", logging]),
        module("Top", ["Middle",]),
        .executableTarget(
          name: "tool", dependencies: ["Top"], path: "Sources/Command", swiftSettings: settings),
        .target(name: "Help", path: "Tests/Help"),
      ]
    )
    """

  @Test("the manifest is read as it is written")
  func manifest() throws {
    let modules = try Manifest(Self.package).modules
    #expect(modules.map(\.name) == ["CZip", "Base", "Middle", "Top", "tool"])
    #expect(
      modules.map(\.dependencies) == [
        [], ["CZip"], ["Base", "Top", "Logging"], ["Middle"], ["Top"],
      ]
    )
    #expect(modules.last?.folder == "Sources/Command")
  }

  @Test("a dependency that nothing declares is named")
  func unknownConstant() {
    let text = Self.package.replacing("\"Base\", \"Top\", logging", with: "zip")
    #expect(throws: ManifestError.self) { _ = try Manifest(text) }
  }

  @Test(
    "imports are found in every form",
    arguments: [
      ("import Base", "Base"), ("package import Base", "Base"), ("  import Base", "Base"),
      ("@preconcurrency import Base", "Base"), ("@_spi(Inner) package import Base", "Base"),
      ("import struct Base.Size", "Base"), ("// import Base", nil), ("let important = 1", nil),
    ]
  )
  func forms(line: String, module: String?) {
    let found = ImportLine.all(in: "\n\(line)\n", file: "Sources/Top/A.swift")
    #expect(found.map(\.module) == [module].compactMap { $0 })
    #expect(found.allSatisfy { $0.line == 2 })
  }

  @Test(
    "what breaks the rule is named with file and line",
    arguments: [
      ("Sources/Base/A.swift", "Top", "does not stand above it"),
      ("Sources/Base/A.swift", "Base", "does not stand above it"),
      ("Sources/Middle/A.swift", "Top", "does not stand above it"),
      ("Sources/Top/A.swift", "Base", "which Package.swift does not list for it"),
      ("Sources/Top/A.swift", "Logging", "which Package.swift does not list for it"),
      ("Sources/Lost/A.swift", "Base", "belongs to no target"),
    ]
  )
  func broken(file: String, module: String, says: String) throws {
    let rule = LayerRule(manifest: try Manifest(Self.package))
    let found = rule.violation(ImportLine(file: file, line: 7, module: module))
    #expect(found?.contains(says) == true)
    #expect(found?.hasPrefix(file) == true)
  }

  @Test(
    "what keeps the rule is not named",
    arguments: [
      ("Sources/Middle/A.swift", "Base"), ("Sources/Middle/A.swift", "Logging"),
      ("Sources/Command/A.swift", "Top"), ("Sources/Base/A.swift", "Foundation"),
    ]
  )
  func kept(file: String, module: String) throws {
    let rule = LayerRule(manifest: try Manifest(Self.package))
    #expect(rule.violation(ImportLine(file: file, line: 1, module: module)) == nil)
  }

  @Test("a declared dependency on a row below is named")
  func declaredBelow() throws {
    let found = LayerRule(manifest: try Manifest(Self.package)).violations()
    #expect(
      found == ["Package.swift: 'Middle' depends on 'Top', which does not stand above it"]
    )
  }
}
