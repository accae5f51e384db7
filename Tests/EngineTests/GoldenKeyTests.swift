import Engine
import Primitives
import Execution
import Store
import TestSupport
import Testing

/// Inputs whose bytes never change.
enum Golden {
  static let rows = "{\"id\": \"a\", \"question\": \"1 + 1?\", \"label\": 2}\n"
  static let template = """
    task: math
    description: Asks for the steps.
    messages:
      - role: user
        content: "{{question}} Think step by step."
    answer: {as: number}
    target: "{{label}}"
    max_tokens: 400

    """
}

/// Preimages, byte for byte.
///
/// A change here makes every result that users have unreachable. It is right only where results
/// change too: raise the version of the kind, reader, renderer or reading concerned, or
/// `ActionKey.format` if the form of the preimage changes.
@Suite struct GoldenKeyTests {
  private static let workflow = """
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl, shuffle: 7, limit: 1}
      cot: {kind: select-template, use: math/steps, examples: {data: rows, rows: 1}}
      count:
        kind: command
        shell: "wc -l < $IN > out"
        inputs: {IN: rows, FILE: {path: rows.jsonl}}
        outputs: {out: out}
        env: {LC_ALL: C}
        timeout: 10s
        retries: 1
    """

  private let shop: Workshop

  init() async throws {
    shop = try await Workshop()
    try shop.folder.write(Golden.rows, to: "rows.jsonl")
    try shop.folder.write(Golden.template, to: "math/steps.yaml")
  }

  private func preimage(of node: String) async throws -> String? {
    let outcome = try #require(try await shop.run(Self.workflow)[node])
    let key = try #require(outcome.key)
    let preimage = try await shop.store.results.preimage(key)
    #expect(preimage.map { Digest(of: $0.canonical) } == key)
    return preimage?.canonicalText
  }

  @Test func dataset() async throws {
    #expect(
      try await preimage(of: "rows") == #"""
        {"files":{"path":"355c30e90771ce9cca9ab2ca9e38d116eb43f29aace9a3d5c9f84b3819f04c64"},\#
        "format":1,"inputs":{},"kind":"dataset","kind_version":1,"models":{},\#
        "settings":{"format":"jsonl","limit":1,"shuffle":7,"skip":0},\#
        "versions":{"reader.jsonl":1}}
        """#
    )
  }

  @Test func template() async throws {
    #expect(
      try await preimage(of: "cot") == #"""
        {"files":{"use":"4f24c9a4b3d3bbb8a124b0bc5242ddf370b0348257314bd2bba529c4a01d1b72"},\#
        "format":1,\#
        "inputs":{"examples.data":{"rows":"f2f5a729caeeafd53b1c424624924ceac5b1a9d5327cd187f1e159f4ca3da2bd"}},\#
        "kind":"select-template","kind_version":1,"models":{},\#
        "settings":{"examples":{"rows":1,"seed":0},"use":"math/steps"},"versions":{"renderer":1}}
        """#
    )
  }

  @Test func command() async throws {
    #expect(
      try await preimage(of: "count") == #"""
        {"files":{"inputs.FILE.path":"355c30e90771ce9cca9ab2ca9e38d116eb43f29aace9a3d5c9f84b3819f04c64"},\#
        "format":1,\#
        "inputs":{"inputs.IN":{"rows":"f2f5a729caeeafd53b1c424624924ceac5b1a9d5327cd187f1e159f4ca3da2bd"}},\#
        "kind":"command","kind_version":1,"models":{},\#
        "settings":{"env":{"LC_ALL":"C"},"outputs":{"out":"out"},"shell":"wc -l < $IN > out"},\#
        "versions":{}}
        """#
    )
  }
}
