import ModelServer
import Primitives
import Store
import TestSupport
import Testing
import TinyLlama

@Suite("Models")
struct ModelsTests {
  @Test("named models are listed in order")
  func list() async throws {
    let test = try await TestService()
    let answer = try await test.get("/v1/models")
    #expect(answer.json["object"] == "list")
    let models = try #require(answer.json["data"]?.array)
    #expect(models.map { $0["id"] } == ["tiny-a", "tiny-b"])
    #expect(models.allSatisfy { $0["object"] == "model" && $0["owned_by"]?.string != nil })
  }

  @Test("a model says what it is")
  func one() async throws {
    let test = try await TestService()
    let answer = try await test.get("/v1/models/tiny-b")
    let checkpoint = try TinyModel.checkpoint(seed: 2)
    #expect(answer.json["id"] == "tiny-b")
    #expect(answer.json["context_length"] == JSON(TinyModel.contextLength))
    #expect(answer.json["parameters"] == JSON(checkpoint.parameterCount))
    #expect(answer.json["runtime"] == .string(TinyLlamaRuntime.version))
    #expect(
      answer.json["checkpoint"] == .string(CheckpointManifest(of: checkpoint).modelName)
    )
  }

  @Test("a checkpoint of the store answers to its digest, with the same answers")
  func stored() async throws {
    let test = try await TestService()
    let folder = try #require(test.models["tiny-a"])
    let digest = try await CheckpointStore.importFolder(folder, into: test.store.objects)
    let name = CheckpointManifest.modelName(of: digest)
    let answer = try await test.get("/v1/models/\(name)")
    #expect(answer.json["id"] == .string(name))
    #expect(answer.json["checkpoint"] == .string(name))

    func ask(_ model: String) async throws -> JSON? {
      try await test.post(
        "/v1/chat/completions",
        [
          "model": .string(model), "messages": [["role": "user", "content": "pears"]],
          "max_tokens": 8, "seed": 3,
        ]
      ).json["choices"]
    }
    #expect(try await ask(name) == ask("tiny-a"))
  }

  @Test("a folder that is no checkpoint fails when it is asked for, and can be mended")
  func brokenFolder() async throws {
    let test = try await TestService()
    let path = "\(test.folder.path)/broken"
    let service = try Service(models: ["broken": path], objects: test.store.objects)
    let request = APIRequest(method: "GET", target: "/v1/models/broken")
    let broken = try Answer(await service.answer(request))
    #expect(broken.status == 500)
    #expect(broken.message?.hasPrefix("the model 'broken' cannot be read: ") == true)
    try TinyModel.checkpoint().write(to: path)
    #expect(await service.answer(request).status == 200)
  }
}
