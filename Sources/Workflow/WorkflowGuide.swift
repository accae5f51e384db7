/// What the reference says of the language beside its tables.
enum WorkflowGuide {
  static let text = """
    ## Names and references

    Nodes, models, axes and parameters share one namespace. Names are small letters, digits and \
    `-`, a letter first; those of axes and parameters may have `_` too. A field that takes a \
    reference is written as the bare name of

    - a node that yields what the field takes, or a model;
    - a template of the library, `task/style`, which needs no node;
    - an axis of the matrix, whose value at each point is then what is referred to;
    - for a command's inputs also one of another command's outputs, `node.output`.

    `node@value` pins an axis of the node to one value, `node@one@other` two of them; \
    `node@axis=value` says which axis is meant where a value belongs to several.

    ## Axes and instances

    A node runs once for each combination of its axes. Its axes are those that it mentions, in \
    `${…}`, in `with` or as a bare reference, and those of the nodes that it refers to, less the \
    pinned ones. `each`, where it is written, is the full list: a wider one repeats the node, a \
    narrower one is an error. A table collects all points of what it shows, and is split by the \
    axes in its `each`. `exclude` removes points; a node sees what is left of its own axes.

    An instance is named by its node and its values in the order of the matrix, \
    `labels@gsm8k@cot`; characters other than letters, digits, `.`, `_`, `+` and `-` become `-` \
    there.

    An axis may be a map of points with settings: `dataset: {gsm8k: {task: math, train: {…}}}`. \
    `${dataset.task}` puts a setting in, `with: dataset.train` merges a map of settings into a node.

    ## Values

    `${name}` stands for a parameter, an axis or a setting, inside of any text or number; there are \
    no expressions. A scalar that is exactly one `${name}` takes the value with its type. Inside of \
    `{ }` and `[ ]` it must be quoted: `{limit: "${rows}"}`. `$${name}` stands for the characters \
    `${name}` themselves.

    Scalars have the types of YAML 1.2: `no` is a text, `012` is twelve, `1_000` is a text. A share \
    is written `5%` or `0.05`, a duration `90s`, `15m`, `8h` or as seconds. Paths are relative to \
    the workflow's folder. Keys written twice, tags, merge keys (`<<`) and unknown fields are \
    errors.

    ## Money

    A model's `price` is what its tokens cost; a price that is not written is unknown, which is \
    never taken for zero. Models that the tool serves itself are free. With a `budget`, or with \
    `distill run --max-cost`, every paid model that a node asks needs `price.input` and \
    `price.output`, and one that is fine-tuned `price.training`.

    Before a call is sent, the most that it can cost is set aside: the bytes of its messages, and \
    16 more a message and 64 a call, counted as tokens, at `price.input`, and the answer's token \
    limit at `price.output`. When the answer is recorded, its cost by the tokens that the service \
    counted takes that place. A call that was sent and has no known cost keeps what was set aside \
    for it. A call that does not fit is not sent: those in flight are finished, and the run pauses \
    with exit code 4. So what is spent never exceeds the budget, however many processes share it. \
    What a deployment costs by the hour is not among it: `distill jobs` shows that.
    """
}
