package import Execution
import Primitives
package import Workflow

/// Lays scores out in rows and columns.
package enum Table: RunnableKind {
  package static let name = "table"
  package static let version = 3
  package static let work = WorkClass.local
  package static let outputs: [ArtifactType] = [.table]
  package static let doc = """
    A table of scores: a row for each value of the axis in `rows`, a column for each score and \
    each point of the axes that neither `rows` nor `over` takes up. Values over the axes in `over` \
    (seeds, say) become mean ± standard deviation, with the interval of the mean where all were \
    scored on the same rows. Where columns were scored on the same rows of data they are also \
    compared row by row, with the column they are marked against or else the first; where rows or \
    prompts differ, the table says so. `save` writes it as Markdown, CSV, LaTeX (booktabs) and HTML, \
    and the differences as CSV.
    """

  package static let fields: [Field] = [
    Field("title", .text, "The heading."),
    Field("rows", .axis, "The axis whose values are the rows; one row without it."),
    Field(
      "columns",
      .either([
        .list(.reference(.scores, parts: [Part.summary, Part.rows], isWide: true)),
        .map(.reference(.scores, parts: [Part.summary, Part.rows], isWide: true)),
      ]),
      required: true,
      "Scores to show: a list, or `{heading: reference}`."
    ),
    Field(
      "value",
      .oneOrMany(.text),
      "The figure to show, or several: `metric.figure`, a metric, which is its main figure, or the "
        + "name of a figure that one metric has (`mean`). Without it the main figure of the metric "
        + "that the scores name first."
    ),
    Field("over", .oneOrMany(.axis), "Axes to take mean and standard deviation over."),
    Field(
      "mark",
      .record([
        Field(
          "columns",
          .oneOrMany(.reference(.scores, parts: [Part.summary], isWide: true)),
          required: true,
          "Scores that may get the star."
        ),
        Field(
          "above",
          .reference(.scores, parts: [Part.summary], isWide: true),
          required: true,
          "The scores that they must exceed."
        ),
      ]),
      "Stars cells that are above another score of their row, as the paper does."
    ),
    Field("save", .text, inKey: false, "Where to write the table, without ending, after success."),
  ]
}
