import Primitives
import Testing

@Suite("JSON, writing")
struct JSONEncodingTests {
  @Test("the canonical form sorts members by the bytes of their keys, at every level")
  func sorting() {
    let value: JSON = ["b": 1, "a": ["z": 1, "é": 2, "Z": 3], "aa": 3, "": 4]
    #expect(value.canonicalText == #"{"":4,"a":{"Z":3,"z":1,"é":2},"aa":3,"b":1}"#)
  }

  @Test("keys outside the first plane sort by UTF-8 bytes, not by UTF-16 units")
  func sortingOutsideTheFirstPlane() {
    let value: JSON = ["\u{1F600}": 1, "\u{FF61}": 2]
    #expect(value.canonicalText == "{\"\u{FF61}\":2,\"\u{1F600}\":1}")
  }

  @Test(
    "numbers keep their type",
    arguments: [
      (JSON.integer(1), "1"),
      (.integer(.min), "-9223372036854775808"),
      (.number(1), "1.0"),
      (.number(0), "0.0"),
      (.number(-0.0), "0.0"),
      (.number(0.1), "0.1"),
      (.number(2e-5), "2e-05"),
      (.number(1e16), "1e+16"),
      (.number(1e15), "1000000000000000.0"),
      (.number(0.1 + 0.2), "0.30000000000000004"),
      (.number(.leastNonzeroMagnitude), "5e-324"),
      (.number(.greatestFiniteMagnitude), "1.7976931348623157e+308"),
    ]
  )
  func numbers(value: JSON, text: String) throws {
    #expect(value.canonicalText == text)
    #expect(try JSON(parsing: text) == value)
  }

  @Test("only quotes, backslashes and control characters are escaped")
  func escapes() {
    let text = "\"\\/\n\r\t\u{8}\u{C}\u{0}\u{1F}\u{7F}é\u{2028}😀"
    let expected = #""\"\\/\n\r\t\b\f\u0000\u001f"# + "\u{7F}é\u{2028}😀\""
    #expect(JSON.string(text).canonicalText == expected)
  }

  @Test("every control character is escaped, wherever it stands")
  func escapesEveryControlCharacter() throws {
    let named: [UInt8: String] = [8: "b", 9: "t", 10: "n", 12: "f", 13: "r"]
    let digits = Array("0123456789abcdef")
    for byte in UInt8(0)..<32 {
      let character = String(UnicodeScalar(byte))
      let escape = named[byte] ?? "u00\(digits[Int(byte / 16)])\(digits[Int(byte % 16)])"
      for text in [character, "é\(character)", "\(character)é", "a\(character)\(character)b"] {
        let expected = text.replacing(character, with: "\\\(escape)")
        #expect(JSON.string(text).canonicalText == "\"\(expected)\"")
        #expect(try JSON(parsing: JSON.string(text).canonical) == .string(text))
      }
    }
  }

  @Test("texts are written as they are, composed or not")
  func noNormalizing() {
    let composed = JSON.string("\u{E9}").canonical
    let decomposed = JSON.string("e\u{301}").canonical
    #expect(composed == [0x22, 0xC3, 0xA9, 0x22])
    #expect(decomposed == [0x22, 0x65, 0xCC, 0x81, 0x22])
  }

  @Test("the order of members shows in the compact text and not in the canonical one")
  func order() {
    let one: JSON = ["b": [1, nil], "a": true]
    let other: JSON = ["a": true, "b": [1, nil]]
    #expect(one.compactText == #"{"b":[1,null],"a":true}"#)
    #expect(one.canonical == other.canonical)
    #expect(one == other)
  }

  @Test("the pretty text is indented by two spaces, empty containers in one piece")
  func pretty() {
    let value: JSON = ["a": [1, ["b": nil]], "c": [], "d": .object(JSONObject())]
    let expected = """
      {
        "a": [
          1,
          {
            "b": null
          }
        ],
        "c": [],
        "d": {}
      }
      """
    #expect(value.prettyText == expected)
  }

  @Test("random values read back the same, by either text", arguments: 0..<10)
  func roundTrip(seed: Int) throws {
    var generator = SeededGenerator(seed: Int64(seed), label: "json-round-trip")
    for _ in 0..<200 {
      let value = Self.random(&generator, depth: 4)
      #expect(try JSON(parsing: value.canonical) == value)
      #expect(try JSON(parsing: value.compactText) == value)
      #expect(try JSON(parsing: value.prettyText).canonical == value.canonical)
    }
  }

  private static func random(_ generator: inout SeededGenerator, depth: Int) -> JSON {
    switch generator.below(depth > 0 ? 7 : 5) {
    case 0: return .null
    case 1: return .bool(generator.below(2) == 0)
    case 2: return .integer(Int64(bitPattern: generator.next()))
    case 3:
      let number = Double(bitPattern: generator.next())
      return .number(number.isFinite ? number : 0.5)
    case 4: return .string(randomText(&generator))
    case 5:
      return .array((0..<generator.below(4)).map { _ in random(&generator, depth: depth - 1) })
    default:
      var object = JSONObject()
      for _ in 0..<generator.below(4) {
        object[randomText(&generator)] = random(&generator, depth: depth - 1)
      }
      return .object(object)
    }
  }

  private static func randomText(_ generator: inout SeededGenerator) -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<generator.below(6) {
      let limit = generator.below(2) == 0 ? 0x80 : 0x110000
      scalars.append(UnicodeScalar(UInt32(generator.below(limit))) ?? "?")
    }
    return String(scalars)
  }
}
