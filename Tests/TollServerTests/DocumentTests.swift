import Foundation
import TestSupport
import Testing
import TollRig

@Suite("The document of the toll server")
struct DocumentTests {
  @Test("its table of faults is the server's own")
  func faults() throws {
    let path = "\(ProjectFolder.path)/docs/toll-server.md"
    let document = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    let (status, table) = try Toll.run(["faults"])
    #expect(status == 0)
    #expect(table.split(separator: "\n").count > 60)
    #expect(document.contains(table))
  }

  @Test("it names every option")
  func options() throws {
    let path = "\(ProjectFolder.path)/docs/toll-server.md"
    let document = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    let help = try Toll.run(["serve", "--help"]).output + Toll.run(["report", "--help"]).output
    let names = Set(help.matches(of: /--[a-z-]+/).map { String($0.output) })
      .subtracting(["--version", "--help"])
    #expect(names.count > 15)
    #expect(names.filter { !document.contains("`\($0)") } == [])
  }
}
