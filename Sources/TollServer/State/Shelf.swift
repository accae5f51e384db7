import Primitives
import Synchronization

/// Something that outlives the server: a file's data, a job, a batch, a deployment.
protocol ShelfItem: Sendable {
  /// Part of a file's name: letters, digits, `-`, `_`, `.`, `:`.
  var id: String { get }
  /// From 1, in order of making.
  var sequence: Int { get }
  var json: JSON { get }
  init?(_ json: JSON)
}

/// All items of a kind, each also a file in the server's state.
final class Shelf<Item: ShelfItem>: Sendable {
  private let folder: StateFolder
  private let items: Mutex<[Item]>

  /// Reads what a server before this one left.
  init(_ folder: StateFolder) throws {
    self.folder = folder
    var items: [Item] = []
    for name in try folder.names() {
      guard let item = Item(try JSON(parsing: folder.read(name))) else {
        throw StateError(path: "\(folder.path)/\(name)")
      }
      items.append(item)
    }
    self.items = Mutex(items.sorted { $0.sequence < $1.sequence })
  }

  /// All of them, oldest first.
  var all: [Item] { items.withLock { $0 } }

  func find(_ id: String) -> Item? { all.first { $0.id == id } }

  /// Adds what is made of the next number; durable on return.
  func add(_ make: (_ sequence: Int) -> Item) throws(ServiceError) -> Item {
    try keeping { items in
      let item = make((items.last?.sequence ?? 0) + 1)
      try folder.write(Array(item.json.canonical), to: item.id)
      items.append(item)
      return item
    }
  }

  /// Changes one, durably; nil if there is none of that id.
  func update(_ id: String, _ body: (inout Item) -> Void) throws(ServiceError) -> Item? {
    try keeping { items in
      guard let index = items.firstIndex(where: { $0.id == id }) else { return nil }
      var item = items[index]
      body(&item)
      try folder.write(Array(item.json.canonical), to: id)
      items[index] = item
      return item
    }
  }

  /// Removes one; false if there is none of that id.
  func remove(_ id: String) throws(ServiceError) -> Bool {
    try keeping { items in
      guard let index = items.firstIndex(where: { $0.id == id }) else { return false }
      try folder.remove(id)
      items.remove(at: index)
      return true
    }
  }

  private func keeping<Value>(_ body: (inout [Item]) throws -> Value) throws(ServiceError) -> Value
  {
    do {
      return try items.withLock { items in try body(&items) }
    } catch {
      throw ServiceError(
        status: 500,
        message: "The server's state cannot be kept: \(error)",
        type: "server_error"
      )
    }
  }
}

/// A file of the state that cannot be read.
struct StateError: Error, CustomStringConvertible {
  let path: String

  var description: String {
    "state file '\(path)' is not of this server; give '--state' a folder of its own"
  }
}

/// Ids as services make them.
enum Identifier {
  static func make(_ prefix: String) -> String {
    let hex = String(UInt64.random(in: 0 ... .max), radix: 16)
    return prefix + String(repeating: "0", count: 16 - hex.count) + hex
  }
}
