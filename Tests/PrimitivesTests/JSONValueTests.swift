import Primitives
import Testing

@Suite("JSON, values")
struct JSONValueTests {
  @Test("a member is found by the bytes of its key")
  func lookUp() {
    var object = JSONObject([("\u{E9}", 1)])
    #expect(object["e\u{301}"] == nil)
    object["e\u{301}"] = 2
    #expect(object.keys.count == 2)
    #expect(object["\u{E9}"] == 1)
  }

  @Test("setting replaces in place, appends, or removes")
  func setting() {
    var object = JSONObject([("a", 1), ("b", 2)])
    object["a"] = 3
    object["c"] = 4
    object["b"] = nil
    object["never"] = nil
    #expect(object.keys == ["a", "c"])
    #expect(object["a"] == 3)
    #expect(!object.isEmpty)
  }

  @Test("whole numbers are read from fractions without a remainder only")
  func wholeNumbers() {
    #expect(JSON.number(3).integer == 3)
    #expect(JSON.number(3.5).integer == nil)
    #expect(JSON.number(1e300).integer == nil)
    #expect(JSON.integer(3).number == 3)
    #expect(JSON.string("3").integer == nil)
    #expect(JSON.bool(true).integer == nil)
    #expect(JSON.integer(7).int == 7)
  }

  @Test("a whole number and its fraction are two values")
  func equality() {
    #expect(JSON.integer(1) != .number(1))
    #expect(JSON.null != .bool(false))
    #expect(JSON.string("\u{E9}") != .string("e\u{301}"))
    #expect(([1, 2] as JSON) != [2, 1])
    #expect((["a": 1] as JSON) != ["a": 1, "b": 2])
  }

  @Test("every accessor answers for its own kind alone")
  func accessors() {
    let values: [JSON] = [nil, true, 1, 1.5, "x", [], .object(JSONObject())]
    #expect(values.map(\.isNull) == [true, false, false, false, false, false, false])
    #expect(values.compactMap(\.bool) == [true])
    #expect(values.compactMap(\.number) == [1, 1.5])
    #expect(values.compactMap(\.string) == ["x"])
    #expect(values.compactMap(\.array).count == 1)
    #expect(values.compactMap(\.object).count == 1)
    #expect(values.allSatisfy { $0["a"] == nil })
    #expect(
      values.map(\.kindName) == [
        "null", "true or false", "a whole number", "a number", "a text", "a list", "a map",
      ]
    )
  }

  @Test("an optional text is null when it is missing")
  func optionalText() {
    #expect(JSON(nil as String?) == .null)
    #expect(JSON("a" as String?) == "a")
    #expect(JSON(5) == .integer(5))
  }
}

@Suite("UTF-8 order")
struct UTF8OrderTests {
  @Test("texts are ordered as their bytes are, whole or as parts")
  func ordersLikeBytes() {
    let texts = [
      "", "a", "ab", "b", "é", "e\u{301}", "\u{FFFD}", "\u{1F600}", "a very long text of 16+",
    ]
    for left in texts {
      for right in texts {
        let one = Array(left.utf8)
        let other = Array(right.utf8)
        #expect(UTF8Order.equal(left, right) == (one == other))
        #expect(UTF8Order.less(left, right) == one.lexicographicallyPrecedes(other))
        #expect(UTF8Order.less(left[...], "-\(right)".dropFirst()) == UTF8Order.less(left, right))
        #expect(UTF8Order.equal(left[...], "-\(right)".dropFirst()) == (one == other))
      }
    }
  }

  @Test("compares bytes, not characters")
  func bytes() {
    #expect("\u{E9}" == "e\u{301}")
    #expect(!UTF8Order.equal("\u{E9}", "e\u{301}"))
    #expect(UTF8Order.less("a", "aa"))
    #expect(UTF8Order.less("Z", "a"))
    #expect(UTF8Order.less("\u{FF61}", "\u{1F600}"))
    #expect(!UTF8Order.less("a", "a"))
  }
}
