import NodeKinds
import Workflow

/// The language with the kinds that this tool has.
enum Languages {
  static let distill = Language(
    kinds: KindList.all,
    notYet: NotYet(kinds: KindList.notYet)
  )
}
