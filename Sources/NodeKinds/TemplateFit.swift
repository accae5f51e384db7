import Diagnostics
import Execution
import Primitives
import Store
import Tasks
import Workflow

/// Whether the rows have the fields that the templates mention, before anything is paid.
enum TemplateFit {
  /// Renders every row of the slot `data` with every template of the slots `template`, as far as
  /// both are known; throws the first row's problem for each template.
  static func check(_ inputs: Inputs, _ objects: ObjectStore) async throws {
    guard let rows = inputs.artifact("data")?[Part.rows] else { return }
    let source = DatasetRows(path: try await objects.verifiedPath(rows))
    try await check(source, inputs, objects)
  }

  /// The same for the records of any source.
  static func check(
    _ source: any RecordSource,
    _ inputs: Inputs,
    _ objects: ObjectStore
  ) async throws {
    var problems: [Problem] = []
    for template in inputs.all("template") {
      guard let part = template.artifact[Part.prompt] else { continue }
      let prompt = try PromptTemplate(json: JSON(parsing: try await objects.read(part)))
      let misfits = try await misfits(source, prompt)
      guard let first = misfits.first else { continue }
      // The prompt in the store has lost its file, so the place is where it is referred to.
      let place = inputs.settings["template"]?.location
      problems.append(
        Problem(
          "template '\(template.instance)': \(first.message)",
          at: place,
          hint: first.hint,
          notes: misfits.count > 1
            ? [
              Problem.Note(
                "\(misfits.count) of \(misfits.records) records do not fit; this is the first",
                at: place
              )
            ] : []
        )
      )
    }
    if !problems.isEmpty { throw Problems(problems) }
  }

  private struct Misfits {
    var first: Problem?
    var count = 0
    var records = 0
  }

  private static func misfits(
    _ source: any RecordSource,
    _ prompt: PromptTemplate
  ) async throws -> Misfits {
    try await Blocking.run {
      var misfits = Misfits()
      let reader = try source.open()
      while let record = try reader.next() {
        misfits.records += 1
        do throws(Problem) {
          _ = try prompt.render(record)
        } catch {
          misfits.count += 1
          misfits.first = misfits.first ?? error
        }
      }
      return misfits
    }
  }
}
