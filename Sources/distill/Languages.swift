import NodeKinds
import Workflow

/// The language with the kinds that this tool has.
enum Languages {
  static let distill = Language(
    kinds: KindList.all,
    notYet: NotYet(
      kinds: KindList.notYet,
      values: readersNotYet.union(metricsNotYet),
      templates: templatesNotYet
    )
  )

  /// Published formats that the design names and that no reader reads yet.
  private static let readersNotYet: Set<String> = [
    "aqua-rat", "svamp", "anli", "conjnli", "control", "help", "arc", "commonsense-qa", "qasc",
    "riddlesense", "gov-report", "bbc-news", "chain-of-density", "baize", "alpaca", "medquad",
    "text-folder",
  ]

  private static let metricsNotYet: Set<String> = ["cost", "agreement", "entity_density"]

  private static let templatesNotYet: Set<String> = [
    "summarization/vanilla", "summarization/cod", "chat/vanilla", "nli/vanilla", "nli/cot",
    "math-choice/vanilla", "math-choice/cot", "qa/vanilla", "qa/cot", "judge/hhh-mt",
    "judge/math-complexity",
  ]
}
