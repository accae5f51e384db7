import Diagnostics
import Primitives
import Tasks
import TestSupport
import Testing

/// The templates that come with the tool: what each says it takes, asks, and reads.
@Suite struct TemplateLibraryTests {
  private let shipped = "\(ProjectFolder.path)/workflows/templates"

  /// The tiny models are trained on these very words.
  @Test func theShippedMathematicsTemplatesSayWhatTheModelsWereTrainedOn() throws {
    let library = TemplateLibrary(folders: [shipped])
    let record = Record(id: "1", fields: JSONObject([("question", "2 + 2?")]), label: "4")
    let vanilla = try library.load("math/vanilla")
    #expect(
      try vanilla.prompt.render(record)
        == [ChatMessage(role: .user, content: "2 + 2?\n\nGive only the answer, as a number.")]
    )
    #expect(vanilla.prompt.maxTokens == 16)
    let cot = try library.load("math/cot")
    #expect(
      try cot.prompt.render(record)
        == [
          ChatMessage(
            role: .user,
            content: "2 + 2?\n\nThink step by step. End with \"The answer is\" and the number."
          )
        ]
    )
    #expect(cot.prompt.maxTokens == 400)
    for template in [vanilla, cot] {
      #expect(template.reading.name == "number")
      #expect(try template.target.render(record, label: "4").content == "4")
    }
  }

  @Test func everyShippedTemplateHasASample() throws {
    let names = TemplateLibrary(folders: [shipped]).names
    #expect(names == Sample.all.map(\.name).sorted())
  }

  @Test(arguments: Sample.all)
  func aShippedTemplateFitsItsTask(sample: Sample) throws {
    let template = try TemplateLibrary(folders: [shipped]).load(sample.name)
    #expect(template.task == sample.name.split(separator: "/").first.map(String.init))
    #expect(template.prompt.variables == sample.variables)
    #expect(template.reading.name == sample.form)
    #expect(template.prompt.maxTokens == sample.maxTokens)

    let messages = try template.prompt.render(sample.record)
    #expect(messages.last?.role == .user)
    let text = messages.map(\.content).joined(separator: "\n")
    for piece in sample.shown { #expect(text.contains(piece), "\(piece)") }
    #expect(!text.contains("{{"))

    // The answer that is asked for is read without doubt, and taken for the record's own.
    let read = template.reading.read(sample.answer, for: sample.record)
    #expect(read.value == sample.value)
    #expect(read.agrees)
    if let expected = template.reading.expected(sample.record), sample.isLabel {
      #expect(template.reading.equal(expected, sample.value))
    }
    // What the store keeps of it renders and reads the same.
    #expect(
      try PromptTemplate(json: template.prompt.json).render(sample.record) == messages
    )
    #expect(try Reading(json: template.reading.json) == template.reading)
  }

  /// A template of fixed letters would break for sets with more or fewer choices.
  @Test(arguments: ["qa/vanilla", "qa/cot", "math-choice/vanilla", "math-choice/cot"], 3...8)
  func choicesMayBeThreeToEight(name: String, count: Int) throws {
    let template = try TemplateLibrary(folders: [shipped]).load(name)
    let words = ["oak", "pen", "sea", "hat", "fog", "jam", "elk", "ivy"].prefix(count)
    let letters = ["A", "B", "C", "D", "E", "F", "G", "H"].prefix(count)
    let record = Record(
      id: "1",
      fields: JSONObject([
        ("question", "Which grows?"), ("choices", .array(words.map(JSON.string))),
      ]),
      label: letters.last
    )
    let text = try template.prompt.render(record)[0].content
    let lines = zip(letters, words).map { "(\($0)) \($1)" }
    #expect(text.contains("\n\n" + lines.joined(separator: "\n") + "\n\n"))
    for letter in letters {
      #expect(template.reading.read("The answer is (\(letter)).", for: record).value == letter)
      #expect(template.reading.read("\(letter)", for: record).value == letter)
    }
    #expect(template.reading.expected(record) == letters.last)
  }

  @Test func theProjectsTemplatesComeFirst() throws {
    let folder = try TemporaryFolder()
    try folder.write("task: x", to: "math/cot.yaml")
    try folder.write("task: x", to: "own/one.yaml")
    try folder.write("task: x", to: "own/Not-A-Name.yaml")
    let library = TemplateLibrary(folders: [folder.path, "\(folder.path)/none", shipped])
    #expect(library.path(of: "math/cot") == "\(folder.path)/math/cot.yaml")
    #expect(library.path(of: "math/vanilla") == "\(shipped)/math/vanilla.yaml")
    let alone = TemplateLibrary(folders: [shipped])
    #expect(Set(library.names).subtracting(alone.names) == ["own/one"])
  }

  @Test(arguments: ["math/cto", "math", "../math/cot", "math/../cot", "/math/cot", "a/b/c", ""])
  func aNameThatMeansNothingIsAProblem(name: String) {
    let library = TemplateLibrary(folders: [shipped])
    #expect(library.path(of: name) == nil)
    #expect(problems { _ = try library.load(name) } == ["no template is named '\(name)'"])
  }

  @Test func theNearestNameIsOffered() {
    let library = TemplateLibrary(folders: [shipped])
    #expect(library.missing("math/cto", at: nil).hint == "did you mean 'math/cot'?")
  }
}
