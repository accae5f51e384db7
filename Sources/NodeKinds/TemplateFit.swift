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
    let path = try await objects.verifiedPath(rows)
    var problems: [Problem] = []
    for template in inputs.all("template") {
      guard let part = template.artifact[Part.prompt] else { continue }
      let prompt = try PromptTemplate(json: JSON(parsing: try await objects.read(part)))
      let stream = try await RecordStream(path: path)
      rendering: while case let records = try await stream.next(Questionnaire.chunk),
        !records.isEmpty
      {
        for record in records {
          do {
            _ = try prompt.render(record)
          } catch let problem {
            // The prompt in the store has lost its file, so the place is where it is referred to.
            problems.append(
              Problem(
                "template '\(template.instance)': \(problem.message)",
                at: inputs.settings["template"]?.location,
                hint: problem.hint
              )
            )
            break rendering
          }
        }
      }
    }
    if !problems.isEmpty { throw Problems(problems) }
  }
}
