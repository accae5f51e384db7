import Diagnostics
import YAMLTree

/// The sections of a workflow, each entry with a usable name, their values not yet read.
struct Outline {
  var name: String?
  var description: String?
  var parameters: [Parameter] = []
  var matrix = Matrix()
  var pools: [String: Int] = [:]
  var budget: YAMLNode?
  var inDoubt: YAMLNode?
  var models: [YAMLNode.Entry] = []
  var nodes: [YAMLNode.Entry] = []
  var names = NameTable()

  struct Parameter {
    let name: String
    let location: Location
    /// After `--set`.
    var value: YAMLNode
  }

  var parameterValues: [String: YAMLNode] {
    Dictionary(parameters.map { ($0.name, $0.value) }) { first, _ in first }
  }
}
