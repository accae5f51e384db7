import Primitives
import Testing

@Suite("JSON, reading")
struct JSONParserTests {
  @Test("reads every kind of value")
  func kinds() throws {
    let value = try JSON(
      parsing: #" {"a": [1, -2.5, 1e3, "x", true, false, null], "b": {}, "c": []} "#
    )
    #expect(
      value == [
        "a": [1, -2.5, 1000.0, "x", true, false, nil],
        "b": .object(JSONObject()),
        "c": [],
      ]
    )
  }

  @Test(
    "keeps whole numbers apart from fractions",
    arguments: [
      ("0", JSON.integer(0)),
      ("-0", .integer(0)),
      ("9223372036854775807", .integer(.max)),
      ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .number(9_223_372_036_854_775_808)),
      ("1.0", .number(1)),
      ("1e2", .number(100)),
      ("1E-2", .number(0.01)),
      ("5e-324", .number(.leastNonzeroMagnitude)),
    ]
  )
  func numbers(text: String, expected: JSON) throws {
    #expect(try JSON(parsing: text) == expected)
  }

  @Test(
    "reads escapes",
    arguments: [
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
      (#""\u0041\u00e9\u20AC""#, "Aé€"),
      (#""\ud83d\ude00""#, "😀"),
      (#""\u0000""#, "\u{0}"),
      ("\"\u{7F}é😀\"", "\u{7F}é😀"),
    ]
  )
  func escapes(text: String, expected: String) throws {
    let read = try #require(try JSON(parsing: text).string)
    #expect(UTF8Order.equal(read, expected))
  }

  @Test("skips one byte order mark at the start")
  func byteOrderMark() throws {
    #expect(try JSON(parsing: [0xEF, 0xBB, 0xBF] + Array("1".utf8)) == 1)
    #expect(throws: JSONError.self) {
      _ = try JSON(parsing: [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF] + Array("1".utf8))
    }
  }

  @Test(
    "says what is wrong and at which byte",
    arguments: [
      ("", "the text ends where a value should stand at byte 1"),
      ("  ", "the text ends where a value should stand at byte 3"),
      ("1 2", "found more text behind the value at byte 3"),
      ("nul", "expected 'null' at byte 1"),
      ("'a'", "found ''' where a value should stand at byte 1"),
      ("\u{7F}", "found byte 0x7f where a value should stand at byte 1"),
      ("[1,]", "found ']' where a value should stand at byte 4"),
      ("[1", "expected ',' or ']' in a list at byte 3"),
      (#"{"a":1,}"#, "expected a key in quotes at byte 8"),
      (#"{"a" 1}"#, "expected ':' behind key 'a' at byte 6"),
      (#"{"a":1"#, "expected ',' or '}' in an object at byte 7"),
      (#"{a:1}"#, "expected a key in quotes at byte 2"),
      (#"{"a":1,"a":2}"#, "key 'a' stands twice in one object at byte 8"),
      (#"{"a":1,"\u0061":2}"#, "key 'a' stands twice in one object at byte 8"),
      ("01", "a number starts with 0 at byte 1"),
      ("-", "expected a digit at byte 2"),
      ("1.", "expected a digit behind the point at byte 3"),
      ("1e", "expected a digit in the exponent at byte 3"),
      ("1e999", "number 1e999 is out of range at byte 1"),
      ("NaN", "found 'N' where a value should stand at byte 1"),
      (#""abc"#, "a text is not closed at byte 1"),
      (#""abc\"#, "a text is not closed at byte 5"),
      (#""\x""#, #"unknown escape '\x' at byte 2"#),
      (#""\u12"#, #"'\u' wants four digits at byte 2"#),
      (#""\u12G4""#, #"'\u' wants four hexadecimal digits at byte 2"#),
      (#""\ud800""#, "a surrogate is alone at byte 2"),
      (#""\udc00""#, "a surrogate is alone at byte 2"),
      (#""\ud800\u0041""#, "a surrogate is alone at byte 2"),
      ("\"a\nb\"", "a control character stands unescaped in a text at byte 3"),
    ]
  )
  func refusals(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { _ = try JSON(parsing: text) }
    #expect(error?.description == message)
  }

  @Test("a key that stands twice is found in objects of any size", arguments: [2, 15, 16, 17, 40])
  func findsRepeatedKeys(count: Int) {
    let members = (0..<count).map { "\"k\($0)\":\($0)" }
    #expect(
      (try? JSON(parsing: "{\(members.joined(separator: ","))}"))?.object?.keys.count == count
    )
    for repeated in [0, count / 2, count - 1] {
      let text = "{\(members.joined(separator: ",")),\"k\(repeated)\":0}"
      #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }
  }

  @Test("an escape at any place of a text is read")
  func readsEscapesAnywhere() throws {
    let plain = "äbc"
    for cut in 0...3 {
      let text = "\"\(plain.prefix(cut))\\n\(plain.dropFirst(cut))\""
      #expect(try JSON(parsing: text).string == "\(plain.prefix(cut))\n\(plain.dropFirst(cut))")
    }
    for text in [#""abc"#, #""ab\"#, #""ab\""#, "\"ab\u{1}\"", "\"a\\nb\u{1}\""] {
      #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }
  }

  @Test("composed and decomposed keys are two keys")
  func unicodeKeys() throws {
    let value = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
  }

  @Test(
    "refuses bytes that are no UTF-8",
    arguments: [
      [0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
    ] as [[UInt8]]
  )
  func invalidUTF8(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let error = #expect(throws: JSONError.self) {
      _ = try JSON(parsing: [quote] + bytes + [quote])
    }
    #expect(error?.message == "a text is not valid UTF-8")
  }

  @Test("reads to the depth limit and refuses one level more")
  func depth() throws {
    func nested(_ levels: Int) -> [UInt8] {
      Array(repeatElement(UInt8(ascii: "["), count: levels))
        + Array(repeatElement(UInt8(ascii: "]"), count: levels))
    }
    #expect(throws: Never.self) { _ = try JSON(parsing: nested(513)) }
    let error = #expect(throws: JSONError.self) { _ = try JSON(parsing: nested(514)) }
    #expect(error?.message == "nested more than 512 levels deep")
    #expect(throws: JSONError.self) { _ = try JSON(parsing: nested(1_000_000)) }
    #expect(throws: JSONError.self) { _ = try JSON(parsing: nested(4), depthLimit: 2) }
  }

  @Test("any bytes give a value or an error, never a trap", arguments: 0..<20)
  func fuzz(seed: Int) {
    var generator = SeededGenerator(seed: Int64(seed), label: "json-fuzz")
    let valid = Array(#"{"a":[1,-2.5e3,"\ud83d\ude00\n",null,true],"é":{"b":""}}"#.utf8)
    let alphabet = Array(#"{}[]",:\u0d8-.eE tfn"#.utf8) + [0xC3, 0xFF, 0x00, 0xEF]
    var outcomes = (values: 0, errors: 0)
    for _ in 0..<2_000 {
      var bytes = valid
      for _ in 0...generator.below(3) {
        let index = generator.below(bytes.count)
        switch generator.below(3) {
        case 0: bytes[index] = alphabet[generator.below(alphabet.count)]
        case 1: bytes.remove(at: index)
        default: bytes.insert(alphabet[generator.below(alphabet.count)], at: index)
        }
      }
      do {
        let value = try JSON(parsing: bytes)
        let again = try JSON(parsing: value.canonical)
        #expect(again.canonical == value.canonical)
        outcomes.values += 1
      } catch {
        #expect((0...bytes.count).contains(error.offset))
        outcomes.errors += 1
      }
    }
    #expect(outcomes.values > 0 && outcomes.errors > 0)
  }
}
