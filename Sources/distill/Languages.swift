import NodeKinds
import Workflow

/// The language with the kinds that this tool has.
enum Languages {
  static let distill = Language(
    kinds: KindList.all,
    notYet: NotYet(
      kinds: KindList.notYet,
      values: metricsNotYet
    )
  )

  private static let metricsNotYet: Set<String> = ["cost", "agreement", "entity_density"]
}
