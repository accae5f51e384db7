/// The sections of a workflow and the fields that every node has, with what they are for.
enum WorkflowSections {
  static let all: [(name: String, doc: String)] = [
    ("workflow", "The experiment's name; without it the file's name."),
    ("description", "What the experiment is about, in a sentence."),
    (
      "parameters",
      "Values by name that `${name}` puts in, and that `distill run --set name=value` changes."
    ),
    (
      "budget",
      "The most that the calls and jobs of this workflow may ever cost in one store, such as "
        + "`20 USD`. It is a hard limit: what a call can cost at worst is set aside before it is "
        + "sent, and no run or resumption starts the count anew."
    ),
    (
      "in_doubt",
      "What becomes of a call that was sent, may have been paid, and has no answer: `ask` (it waits "
        + "for `distill calls settle`), `resend` (each run sends it again once) or `skip` (it is "
        + "given up). Where not written, a call is sent again once, ever."
    ),
    ("models", "The models by name: embedded ones, or endpoints that speak the OpenAI API."),
    (
      "matrix",
      "Axes by name: a list of values, or a map of points with settings. A node runs once for each "
        + "combination of the axes that it depends on."
    ),
    ("exclude", "Points of the matrix that do not take place: maps of axes with values."),
    ("pools", "Local resources by name, with how many nodes may use each at once."),
    ("nodes", "The steps by name, in any order: each names what it uses."),
  ]

  /// Fields of every node, whatever its kind.
  static let commonFields: [Field] = [
    Field("kind", .text, required: true, "What the node does."),
    Field(
      "with",
      .oneOrMany(.text),
      "Settings of an axis' points, `axis.setting`, whose entries are merged into the node."
    ),
    Field(
      "each",
      .oneOrMany(.axis),
      "The full list of axes that the node runs for; wider than what it depends on repeats it."
    ),
  ]
}
