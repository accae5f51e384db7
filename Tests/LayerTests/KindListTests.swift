import Testing

@Suite("Node kinds")
struct KindListTests {
  private static let folder = "Sources/NodeKinds"

  private static func listed() throws -> [String] {
    let text = try Project.read("\(folder)/KindList.swift")
    return text.matches(of: /(?m)^\s+(\w+)\.self,/).map { String($0.output.1) }
  }

  @Test("the list is sorted and each of its kinds has the file of its name")
  func files() throws {
    let listed = try Self.listed()
    #expect(listed.count >= 10)
    #expect(listed == listed.sorted())
    #expect(listed.filter { !Project.exists("\(Self.folder)/\($0).swift") } == [])
  }

  @Test("every kind that has a file is in the list")
  func complete() throws {
    let declared = try Project.swiftFiles(under: Self.folder).flatMap { file in
      try Project.read(file).matches(of: /(?:enum|struct) (\w+): (?:RunnableKind|Asking)\b/)
        .map { String($0.output.1) }
    }
    #expect(Set(declared) == Set(try Self.listed()))
  }
}
