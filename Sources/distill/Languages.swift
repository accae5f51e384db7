import NodeKinds
import Workflow

/// The language with the kinds that this tool has.
enum Languages {
  static let distill = Language(
    kinds: KindList.all,
    notYet: NotYet(
      kinds: KindList.notYet,
      values: readersNotYet.union(metricsNotYet)
    )
  )

  /// Published formats that the design names and that no reader reads yet.
  private static let readersNotYet: Set<String> = [
    "aqua-rat", "svamp", "anli", "conjnli", "control", "help", "arc", "commonsense-qa", "qasc",
    "riddlesense", "gov-report", "bbc-news", "chain-of-density", "baize", "alpaca", "medquad",
    "text-folder",
  ]

  private static let metricsNotYet: Set<String> = ["cost", "agreement", "entity_density"]
}
