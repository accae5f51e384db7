import Foundation
import Primitives
import TestSupport
import Testing
import TinyLlama

/// Small models with one option of the architecture each, beside what mlx-lm makes of them.
///
/// Made by `Tests/Peers/runtime-golden.py`; `Tests/Peers/runtime.sh` compares at full size.
struct GoldenTests {
  private static let folder = "\(ProjectFolder.path)/Tests/TinyLlamaTests/Golden"
  private static let names = [
    "plain", "grouped", "untied", "bfloat16", "float16", "scaled-rope",
  ]

  private struct Case {
    let checkpoint: Checkpoint
    let texts: [JSON]
    let chats: [JSON]
  }

  private func load(_ name: String) throws -> Case {
    let path = "\(Self.folder)/\(name)"
    let expected = try JSON(
      parsing: Array(Data(contentsOf: URL(fileURLWithPath: "\(path)/expected.json")))
    )
    return Case(
      checkpoint: try Checkpoint(folder: path),
      texts: expected["texts"]?.array ?? [],
      chats: expected["chats"]?.array ?? []
    )
  }

  private func tokens(_ json: JSON?) -> [Int32] {
    (json?.array ?? []).compactMap { $0.int.map { Int32($0) } }
  }

  @Test func everyFolderIsTested() throws {
    let found = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(found.sorted() == Self.names.sorted())
  }

  @Test(arguments: names) func textsHaveTheSameIds(name: String) throws {
    let golden = try load(name)
    #expect(golden.texts.count == 5)
    for entry in golden.texts {
      let text = try #require(entry["text"]?.string)
      #expect(golden.checkpoint.tokenizer.encode(text) == tokens(entry["ids"]), "\(text)")
    }
  }

  @Test(arguments: names) func chatsHaveTheSameIds(name: String) throws {
    let golden = try load(name)
    for chat in golden.chats {
      let messages = try ChatMessage.list(json: chat["messages"] ?? .null)
      let ids = tokens(chat["ids"])
      let counts = (chat["counts"]?.array ?? []).compactMap(\.bool)
      let sequence = try golden.checkpoint.trainingSequence(for: messages)
      // What stands behind the last answer is dropped: it teaches nothing.
      #expect(sequence.tokens == Array(ids.prefix(sequence.tokens.count)))
      #expect(sequence.counts == Array(counts.prefix(sequence.counts.count)))
      #expect(!counts.dropFirst(sequence.counts.count).contains(true))
    }
  }

  @Test(arguments: names) func scoresAreTheSame(name: String) throws {
    let golden = try load(name)
    for chat in golden.chats {
      let scores = try #require(golden.checkpoint.scores(after: tokens(chat["ids"])).last)
      let expected = (chat["scores"]?.array ?? []).compactMap(\.number)
      #expect(expected.count == scores.count)
      #expect(zip(scores, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 })
    }
  }

  @Test(arguments: names) func lossesAndGradientsAreTheSame(name: String) throws {
    let golden = try load(name)
    for chat in golden.chats {
      let messages = try ChatMessage.list(json: chat["messages"] ?? .null)
      let sequence = try golden.checkpoint.trainingSequence(for: messages)
      let trainer = Trainer(golden.checkpoint, threads: 1)
      #expect(abs(trainer.loss([sequence]) - (try #require(chat["loss"]?.number))) < 1e-5)
      let gradients = trainer.gradients(of: [sequence])
      for tensor in golden.checkpoint.layout.tensors {
        let expected = try #require(chat["gradients"]?[tensor.name]?.number)
        let squares = gradients[tensor.range].reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(squares.squareRoot() - expected) < 1e-3 * expected + 1e-7, "\(tensor.name)")
      }
    }
  }
}
