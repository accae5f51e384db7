import Primitives
import Synchronization

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
