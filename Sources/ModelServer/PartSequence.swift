import FlyingSocks

/// The parts of an answer as FlyingFox sends a body of unknown length: each part is one chunk.
struct PartSequence: AsyncBufferedSequence {
  typealias Element = UInt8

  let parts: AsyncStream<[UInt8]>

  func makeAsyncIterator() -> Iterator { Iterator(parts: parts.makeAsyncIterator()) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    fileprivate var parts: AsyncStream<[UInt8]>.Iterator
    private var rest: ArraySlice<UInt8> = []

    fileprivate init(parts: AsyncStream<[UInt8]>.Iterator) { self.parts = parts }

    mutating func next() async throws -> UInt8? {
      if rest.isEmpty { rest = try await nextBuffer(suggested: 1)?[...] ?? [] }
      return rest.popFirst()
    }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      // An empty chunk would end the body.
      while let part = await parts.next(isolation: #isolation) {
        if !part.isEmpty { return part }
      }
      return nil
    }
  }
}
