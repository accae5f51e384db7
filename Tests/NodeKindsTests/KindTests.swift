import Execution
import Foundation
import NodeKinds
import TestSupport
import Testing
import Workflow

/// The declarations of all kinds, which the parser, the schema and the reference are made from.
@Suite struct KindTests {
  @Test func namesAreUniqueSortedAndKebabCase() {
    let names = KindList.all.map { $0.name }
    #expect(names == names.sorted())
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil })
    #expect(Set(names).isDisjoint(with: KindList.notYet.keys))
  }

  @Test func eachKindStandsInAFileOfItsName() {
    for kind in KindList.all {
      let path = "\(ProjectFolder.path)/Sources/NodeKinds/\(kind).swift"
      #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    }
  }

  @Test func eachKindSaysWhatItDoesAndYields() {
    for kind in KindList.all {
      #expect(kind.doc.hasSuffix("."), "\(kind)")
      #expect(kind.version >= 1)
      #expect(!kind.outputs.isEmpty, "\(kind)")
      #expect(!kind.fields.isEmpty, "\(kind)")
    }
  }

  @Test func fieldsAreDocumentedAndNamedOnce() {
    for kind in KindList.all {
      for (path, fields) in Self.groups(kind.fields, path: kind.name) {
        #expect(Set(fields.map(\.name)).count == fields.count, "\(path)")
        for field in fields {
          let name = "\(path).\(field.name)"
          #expect(field.name.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z]+)*/) != nil, "\(name)")
          #expect(field.doc.hasSuffix("."), "\(name)")
          #expect(!(field.isRequired && field.defaultValue != nil), "\(name)")
        }
      }
      #expect(Set(kind.notYet).isDisjoint(with: kind.fields.map(\.name)), "\(kind)")
    }
  }

  /// Only where, how long and how often, never what, stays out of the key.
  @Test func whatStaysOutOfTheKeyIsListedHere() {
    let outside = KindList.all.flatMap { kind in
      kind.fields.filter { !$0.isInKey }.map { "\(kind.name).\($0.name)" }
    }
    #expect(
      outside == [
        "command.pool", "command.timeout", "command.retries", "dataset.url", "evaluate.mode",
        "evaluate.allow_overlap", "generate.mode", "judge.mode", "judge.allow_overlap",
        "table.save",
      ]
    )
  }

  /// A kind's fields, and those of the records inside them.
  private static func groups(_ fields: [Field], path: String) -> [(String, [Field])] {
    [(path, fields)]
      + fields.flatMap { field in
        records(in: field.type).flatMap { groups($0, path: "\(path).\(field.name)") }
      }
  }

  private static func records(in type: FieldType) -> [[Field]] {
    switch type {
    case .record(let fields): [fields]
    case .list(let element), .oneOrMany(let element), .map(let element): records(in: element)
    case .either(let types): types.flatMap(records)
    default: []
    }
  }
}
