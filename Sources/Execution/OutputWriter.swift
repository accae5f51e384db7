package import Primitives
package import Store

/// Collects the parts that an instance yields; they become its result only when it succeeds.
package actor OutputWriter {
  private let objects: ObjectStore
  private var parts: [(part: String, object: ObjectRef)] = []

  package init(objects: ObjectStore) {
    self.objects = objects
  }

  /// The parts so far, sorted by name.
  package var collected: [(part: String, object: ObjectRef)] {
    parts.sorted { UTF8Order.less($0.part, $1.part) }
  }

  package func add(_ part: String, _ object: ObjectRef) {
    precondition(!parts.contains { $0.part == part }, "BUG: part '\(part)' written twice")
    parts.append((part, object))
  }

  package func put(_ part: String, _ json: JSON) async throws {
    add(part, try await objects.put(json.canonical))
  }

  package func put(_ part: String, text: String) async throws {
    add(part, try await objects.put(text))
  }

  /// Writes JSON Lines as they come; the closure runs where it may block, and what it returns
  /// (counts, say) is handed on.
  package func putRows<Value: Sendable>(
    _ part: String,
    _ body: @escaping @Sendable (_ write: (JSON) throws -> Void) throws -> Value
  ) async throws -> Value {
    let writer = try objects.writer()
    let value = try await Blocking.run {
      try body { row in try writer.write(row.canonical + [0x0A]) }
    }
    add(part, try await writer.commit())
    return value
  }
}
