import TestSupport

/// Short word problems in the style that the shipped models know, as a dataset of JSON Lines.
enum Arithmetic {
  private static let names = ["Sam", "Emma", "Will", "Cara", "Jack"]
  private static let things = ["stamps", "plums", "cards", "nuts"]

  /// Rows that differ in their question; equal numbers give equal rows.
  static func rows(_ range: Range<Int>) -> String {
    range.map { number in
      let (name, thing) = (names[number % 5], things[number % 4])
      let (first, second) = (5 + number % 40, 2 + number / 40)
      return #"{"id":"row-\#(number)","question":"\#(name) has \#(first) \#(thing). "#
        + #"A friend gives \#(name) \#(second) more. How many \#(thing) does \#(name) have in "#
        + #"the end?","label":"\#(first + second)"}"# + "\n"
    }.joined()
  }

  static func row(_ number: Int) -> String { rows(number..<number + 1) }
}
