import Foundation
import NodeKinds
import Tasks
import TestSupport
import Testing
import Workflow

/// The paper's tables as workflows: right in the language, on samples that their readers read.
@Suite struct PaperWorkflowTests {
  private static let folder = "\(ProjectFolder.path)/workflows"

  @Test(
    arguments: [
      "table-1-summarization", "table-2-cost", "table-3-conversation", "table-6-nlu",
      "table-7-complexity",
    ])
  func aWorkflowHasNoProblem(_ name: String) throws {
    let loader = WorkflowLoader(
      language: Language(kinds: KindList.all),
      templates: { _ in Self.templates },
      shippedModels: [],
      files: .disk
    )
    let path = "\(Self.folder)/\(name).yaml"
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let workflow = try loader.load(bytes, path: path)
    #expect(workflow.expansion.instances.contains { $0.kind.name == "table" })
  }

  /// `task/style` of every shipped template.
  private static let templates: [String] = {
    let root = "\(folder)/templates"
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return tasks.flatMap { task in
      ((try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(task)")) ?? [])
        .filter { $0.hasSuffix(".yaml") }.map { "\(task)/\($0.dropLast(".yaml".count))" }
    }
  }()

  @Test(
    arguments: [
      ("aqua_rat/train.json", "aqua-rat", 16), ("aqua_rat/test.json", "aqua-rat", 10),
      ("gsm8k/train.jsonl", "gsm8k", 16), ("gsm8k/test.jsonl", "gsm8k", 10),
      ("multiarith/train.json", "multiarith", 16), ("svamp/SVAMP.json", "svamp", 16),
      ("anli/r1_train.jsonl", "anli", 14), ("anli/r1_test.jsonl", "anli", 10),
      ("conjnli/train.tsv", "conjnli", 14), ("conjnli/dev.tsv", "conjnli", 10),
      ("control/train.jsonl", "control", 14), ("control/test.jsonl", "control", 10),
      ("help/train.tsv", "help", 14), ("help/rest.tsv", "help", 10),
      ("arc/train.jsonl", "arc", 14), ("arc/test.jsonl", "arc", 10),
      ("csqa/train.jsonl", "commonsense-qa", 14), ("csqa/dev.jsonl", "commonsense-qa", 10),
      ("qasc/train.jsonl", "qasc", 14), ("qasc/dev.jsonl", "qasc", 10),
      ("riddle/train.jsonl", "riddlesense", 14), ("riddle/dev.jsonl", "riddlesense", 10),
      ("cod/train.jsonl", "chain-of-density", 10), ("cod/test.jsonl", "chain-of-density", 6),
      ("gov/train.jsonl", "gov-report", 10), ("gov/test.jsonl", "gov-report", 6),
      ("alpaca.json", "alpaca", 32), ("quora_chat_data.json", "baize", 32),
    ])
  func aSampleIsReadAsItsSetIs(_ name: String, _ format: String, _ rows: Int) throws {
    var count = 0
    let path = "\(Self.folder)/data/samples/\(name)"
    try DatasetLoader.read(DatasetSource(path: path, name: name, format: format)) { _ in count += 1
    }
    #expect(count == rows)
  }
}
