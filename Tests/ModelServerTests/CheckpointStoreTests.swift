import ModelServer
import Primitives
import Store
import TestSupport
import Testing
import TinyLlama

@Suite("Checkpoints in the store")
struct CheckpointStoreTests {
  /// A store in a folder of its own, which it keeps alive.
  private struct Fixture {
    let folder: TemporaryFolder
    let store: Store
    var objects: ObjectStore { store.objects }

    init() async throws {
      folder = try TemporaryFolder()
      store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
    }
  }

  @Test("what is saved is loaded again, bit by bit")
  func roundTrip() async throws {
    let fixture = try await Fixture()
    let checkpoint = try TinyModel.checkpoint()
    let digest = try await CheckpointStore.save(checkpoint, into: fixture.objects)
    let loaded = try await CheckpointStore.load(manifest: digest, from: fixture.objects)
    #expect(loaded.files().map(\.name) == checkpoint.files().map(\.name))
    #expect(loaded.files().map(\.bytes) == checkpoint.files().map(\.bytes))
  }

  @Test("a folder and the model it was written from have one name")
  func folders() async throws {
    let fixture = try await Fixture()
    let folder = fixture.folder
    let checkpoint = try TinyModel.checkpoint()
    try checkpoint.write(to: "\(folder.path)/model")
    try folder.write("not a part of it", to: "model/README.md")
    let imported = try await CheckpointStore.importFolder(
      "\(folder.path)/model",
      into: fixture.objects
    )
    #expect(imported == CheckpointManifest(of: checkpoint).digest)
    #expect(try await CheckpointStore.digest(ofFolder: "\(folder.path)/model") == imported)
    #expect(imported != CheckpointManifest(of: try TinyModel.checkpoint(seed: 2)).digest)
  }

  @Test("the manifest is canonical JSON of the files' digests, in this form for ever")
  func manifest() async throws {
    let fixture = try await Fixture()
    let checkpoint = try TinyModel.checkpoint()
    let digest = try await CheckpointStore.save(checkpoint, into: fixture.objects)
    let manifest = try await CheckpointStore.manifest(digest, from: fixture.objects)
    #expect(manifest.files.map(\.name) == Checkpoint.fileNames)
    #expect(manifest == CheckpointManifest(of: checkpoint))
    let members = manifest.files.map { file in
      #""\#(file.name)":{"sha256":"\#(file.object.digest)","size":\#(file.object.size)}"#
    }
    #expect(
      manifest.json.canonicalText
        == #"{"files":{\#(members.joined(separator: ","))},"type":"checkpoint"}"#
    )
    #expect(Digest(of: manifest.json.canonical) == digest)
    #expect(manifest.modelName == "sha256:\(digest.hex)")
    #expect(CheckpointManifest.digest(inModelName: manifest.modelName) == digest)
    #expect(CheckpointManifest.digest(inModelName: digest.hex) == nil)
  }

  @Test(
    "other JSON is no manifest",
    arguments: [
      "", "[]", #"{"type":"checkpoint"}"#, #"{"files":{},"type":"dataset"}"#,
      #"{"files":[],"type":"checkpoint"}"#, #"{"files":{"a":{"size":1}},"type":"checkpoint"}"#,
      #"{"files":{"a":{"sha256":"12","size":1}},"type":"checkpoint"}"#,
      #"{"files":{},"type":"checkpoint","more":1}"#, #"{ "files":{},"type":"checkpoint"}"#,
      #"{"type":"checkpoint","files":{}}"#,
    ]
  )
  func otherJSON(text: String) {
    #expect(CheckpointManifest(parsing: Array(text.utf8)) == nil)
  }

  @Test("a missing manifest and an object of another kind are told apart")
  func failures() async throws {
    let fixture = try await Fixture()
    let missing = Digest(of: "missing")
    await #expect(throws: CheckpointStoreError.missing(missing)) {
      _ = try await CheckpointStore.load(manifest: missing, from: fixture.objects)
    }
    let other = try await fixture.objects.put(Array("[1]".utf8)).digest
    await #expect(throws: CheckpointStoreError.notACheckpoint(other)) {
      _ = try await CheckpointStore.load(manifest: other, from: fixture.objects)
    }
  }

  @Test("a manifest whose weights are gone is not loaded as less")
  func missingWeights() async throws {
    let fixture = try await Fixture()
    let manifest = CheckpointManifest(of: try TinyModel.checkpoint())
    let digest = try await fixture.objects.put(manifest.json.canonical).digest
    await #expect(throws: StoreError.self) {
      _ = try await CheckpointStore.load(manifest: digest, from: fixture.objects)
    }
  }
}
