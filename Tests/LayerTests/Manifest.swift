import Foundation

/// What `Package.swift` says about the modules in `Sources`: their order, folders, dependencies.
///
/// Read from its text: asking SwiftPM would start a second one inside the tests, and it would wait
/// for the lock that the first one holds.
struct Manifest {
  struct Module {
    let name: String
    /// Where its sources lie, relative to the project: `Sources/Store`.
    let folder: String
    /// Modules of this package and products of others that it declares.
    let dependencies: [String]
  }

  /// In the order of the file, which is the order of the layers.
  let modules: [Module]

  init(_ text: String) throws {
    let products = Self.products(in: text)
    guard let start = text.range(of: "\n  targets: [") else {
      throw ManifestError(message: "Package.swift has no line '  targets: ['")
    }
    var modules: [Module] = []
    var rest = text[start.upperBound...]
    while let call = rest.firstMatch(of: /(module|\.systemLibrary|\.target|\.executableTarget)\(/) {
      let body = Self.balanced(text[call.range.upperBound...], open: "(", close: ")")
      modules.append(
        try Self.module(body, isSystem: call.output.1 == ".systemLibrary", products: products)
      )
      rest = text[body.endIndex...]
    }
    self.modules = modules.filter { $0.folder.hasPrefix("Sources/") }
  }

  func position(of name: String) -> Int? { modules.firstIndex { $0.name == name } }

  /// The module that a file of the project belongs to.
  func module(ofFile path: String) -> Module? {
    modules.first { path.hasPrefix("\($0.folder)/") }
  }
}

extension Manifest {
  /// Products of other packages by the names of the constants that stand for them.
  private static func products(in text: String) -> [String: String] {
    let declarations = text.matches(
      of: /let (\w+): Target\.Dependency = \.product\(\s*name: "(\w+)"/
    )
    return Dictionary(
      declarations.map { (String($0.output.1), String($0.output.2)) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  private static func module(
    _ body: Substring,
    isSystem: Bool,
    products: [String: String]
  ) throws -> Module {
    guard let name = body.firstMatch(of: /"([^"]+)"/)?.output.1 else {
      throw ManifestError(message: "a target of Package.swift has no name: \(body)")
    }
    let folder = body.firstMatch(of: /path: "([^"]+)"/)?.output.1 ?? "Sources/\(name)"
    // A system library's only list names packages of apt and Homebrew.
    guard !isSystem, let bracket = body.firstIndex(of: "[") else {
      return Module(name: String(name), folder: String(folder), dependencies: [])
    }
    let list = balanced(body[body.index(after: bracket)...], open: "[", close: "]")
    let dependencies = try list.split(separator: ",").map { element in
      try dependency(element.trimmingCharacters(in: .whitespacesAndNewlines), of: name, products)
    }
    return Module(
      name: String(name),
      folder: String(folder),
      dependencies: dependencies.compactMap { $0 }
    )
  }

  /// The name in one element of a list of dependencies; nil after a trailing comma.
  private static func dependency(
    _ element: String,
    of target: Substring,
    _ products: [String: String]
  ) throws -> String? {
    if element.isEmpty { return nil }
    if let name = element.wholeMatch(of: /"([^"]+)"/)?.output.1 { return String(name) }
    guard let product = products[element] else {
      throw ManifestError(
        message: "'\(target)' depends on '\(element)', which is neither a text nor a constant "
          + "of the form 'let \(element): Target.Dependency = .product(name: …'"
      )
    }
    return product
  }

  /// The text up to the bracket that closes the one before it; brackets in string literals do not
  /// count.
  private static func balanced(_ text: Substring, open: Character, close: Character) -> Substring {
    var depth = 1
    var isInText = false
    for index in text.indices {
      switch text[index] {
      case "\"": isInText.toggle()
      case open where !isInText: depth += 1
      case close where !isInText: depth -= 1
      default: break
      }
      if depth == 0 { return text[..<index] }
    }
    return text
  }
}

struct ManifestError: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}
