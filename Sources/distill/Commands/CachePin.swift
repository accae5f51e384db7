import ArgumentParser
import Primitives
import Store

/// Keeps a run or an object from every collection.
struct CachePin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Keep a run with all that it names, or an object, from 'cache gc'."
  )

  @Argument(help: "A run's id, the start of it, or 'last'; or an object's SHA-256.")
  var target: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common, mode: .existing) { store in
      let pin = try await PinText.read(target, store)
      let isNew = try await store.pin(pin)
      PinText.print(pin, isNew ? "pinned" : "was pinned before", common)
    }
  }
}

/// Lets collections take it again.
struct CacheUnpin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin",
    abstract: "Take a pin away."
  )

  @Argument(help: "What was pinned.")
  var target: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common, mode: .existing) { store in
      let pin = try await PinText.read(target, store)
      let was = try await store.unpin(pin)
      PinText.print(pin, was ? "not pinned any more" : "was not pinned", common)
    }
  }
}

/// Lists what is pinned.
struct CachePins: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pins",
    abstract: "List what is pinned."
  )

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let pins = try await store.pins()
      if common.json {
        Terminal.output([
          "type": "pins", "version": 1, "pins": .array(pins.map { .string("\($0)") }),
        ])
      } else {
        for pin in pins { Terminal.output("\(pin)") }
      }
    }
  }
}

/// Pins as people name them.
private enum PinText {
  /// An object if it is a whole digest, else a run.
  static func read(_ text: String, _ store: Store) async throws -> Pin {
    let digits = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
    if let digest = Digest(hex: digits) {
      guard store.objects.find(digest) != nil else {
        throw StoreError.missingObject(digest, path: store.objects.path(of: digest))
      }
      return .object(digest)
    }
    return .run(try await store.runs.find(text).id)
  }

  static func print(_ pin: Pin, _ outcome: String, _ common: CommonOptions) {
    if common.json {
      Terminal.output([
        "type": "pin", "version": 1, "pin": .string("\(pin)"), "outcome": .string(outcome),
      ])
    } else {
      Terminal.output("\(pin): \(outcome)")
    }
  }
}
