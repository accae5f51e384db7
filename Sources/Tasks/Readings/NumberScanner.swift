/// The numbers in a text, as people and models write them.
///
/// Read: signs (`-3`, `−3`), currency before the digits (`$2,125`, `-$5`, `\$5`), commas between
/// groups of three, decimals (`28.00`, `.5`), fractions (`29/3`, `2 1/2`,
/// `\frac{29}{3}`). Units and `%`
/// behind are no part of it. Not read: digits behind a letter (`H2O`, `x2`), a minus behind a digit
/// or a bracket, which takes away (`5-3`).
struct NumberScanner {
  struct Token: Hashable {
    /// In UTF-8 bytes of the text.
    let range: Range<Int>
    /// As `Normalization` writes it.
    let value: String
  }

  private(set) var tokens: [Token] = []
  private let bytes: ArraySlice<UInt8>

  init(_ text: String) {
    self.init(Array(text.utf8)[...])
  }

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    var index = bytes.startIndex
    while index < bytes.endIndex {
      guard let token = token(at: index) else {
        index += 1
        continue
      }
      tokens.append(token)
      index = token.range.upperBound
    }
  }

  /// Whether a number may start with a byte: most bytes of a text are passed by this test alone.
  private static func canStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "$"), UInt8(ascii: "\\"):
      true
    // The minus sign, the euro sign and the pound sign begin with these.
    case 0xE2, 0xC2: true
    default: false
    }
  }

  /// The number that starts at a byte, sign and currency included.
  private func token(at start: Int) -> Token? {
    guard Self.canStart(bytes[start]) else { return nil }
    var index = start
    let isNegative = skipMinus(&index)
    if isNegative, let before = byte(start - 1), isDigit(before) || before == UInt8(ascii: ")") {
      return nil
    }
    skipCurrency(&index)
    if let fraction = latexFraction(at: index, isNegative: isNegative, from: start) {
      return fraction
    }
    guard let first = byte(index), isDigit(first) || startsDecimals(index) else { return nil }
    if index == start, let before = byte(start - 1), isLetter(before) { return nil }
    let whole = wholeDigits(&index)
    let fraction = decimals(&index)
    if fraction.isEmpty, let mixed = mixed(whole, &index, isNegative: isNegative) {
      return Token(range: start..<index, value: mixed)
    }
    if fraction.isEmpty, let quotient = quotient(whole, &index, isNegative: isNegative) {
      return Token(range: start..<index, value: quotient)
    }
    return Token(
      range: start..<index,
      value: Normalization.decimal(isNegative: isNegative, whole: whole, fraction: fraction)
    )
  }

  private func byte(_ index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }

  private func isDigit(_ byte: UInt8?) -> Bool {
    byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private func starts(_ text: String, at index: Int) -> Bool {
    bytes.indices.contains(index) && bytes[index...].starts(with: text.utf8)
  }

  /// Passes a hyphen or the minus sign (U+2212).
  private func skipMinus(_ index: inout Int) -> Bool {
    for minus in ["-", "\u{2212}"] where starts(minus, at: index) {
      index += minus.utf8.count
      return true
    }
    return false
  }

  private func skipCurrency(_ index: inout Int) {
    for sign in [#"\$"#, "$", "€", "£"] where starts(sign, at: index) {
      index += sign.utf8.count
      return
    }
  }

  /// A point before a digit and not behind one.
  private func startsDecimals(_ index: Int) -> Bool {
    byte(index) == UInt8(ascii: ".") && isDigit(byte(index + 1)) && !isDigit(byte(index - 1))
  }

  /// Digits, the commas between groups of three dropped: `1,450,000`, but the 3 of `3,4`.
  private func wholeDigits(_ index: inout Int) -> String {
    var digits = plainDigits(&index)
    guard digits.count <= 3 else { return digits }
    while byte(index) == UInt8(ascii: ",") {
      var end = index + 1
      let group = plainDigits(&end)
      guard group.count == 3 else { break }
      digits += group
      index = end
    }
    return digits
  }

  private func plainDigits(_ index: inout Int) -> String {
    let start = index
    while isDigit(byte(index)) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private func decimals(_ index: inout Int) -> String {
    guard byte(index) == UInt8(ascii: "."), isDigit(byte(index + 1)) else { return "" }
    index += 1
    return plainDigits(&index)
  }

  /// `2 1/2`: a whole number, one space, a fraction below one.
  private func mixed(_ whole: String, _ index: inout Int, isNegative: Bool) -> String? {
    guard byte(index) == 0x20, isDigit(byte(index + 1)), let units = Int(whole), units < 1_000_000
    else { return nil }
    var end = index + 1
    guard let over = Int(plainDigits(&end)), byte(end) == UInt8(ascii: "/") else { return nil }
    end += 1
    guard let under = Int(plainDigits(&end)), over < under, under < 1_000_000,
      byte(end) != UInt8(ascii: "/")
    else { return nil }
    index = end
    return Normalization.fraction(
      isNegative: isNegative,
      over: units * under + over,
      under: under
    )
  }

  /// `29/3`, but no date (`1/2/2020`) and nothing too long to divide.
  private func quotient(_ over: String, _ index: inout Int, isNegative: Bool) -> String? {
    guard byte(index) == UInt8(ascii: "/"), isDigit(byte(index + 1)) else { return nil }
    var end = index + 1
    let under = plainDigits(&end)
    guard let top = Int(over), let bottom = Int(under), bottom < 1_000_000_000,
      byte(end) != UInt8(ascii: "/"), byte(end) != UInt8(ascii: "."),
      let value = Normalization.fraction(isNegative: isNegative, over: top, under: bottom)
    else { return nil }
    index = end
    return value
  }

  /// `\frac{29}{3}`, also as `\dfrac` and `\tfrac`.
  private func latexFraction(at start: Int, isNegative: Bool, from tokenStart: Int) -> Token? {
    for command in [#"\frac{"#, #"\dfrac{"#, #"\tfrac{"#] where starts(command, at: start) {
      var index = start + command.utf8.count
      let over = plainDigits(&index)
      guard starts("}{", at: index) else { return nil }
      index += 2
      let under = plainDigits(&index)
      guard starts("}", at: index), let top = Int(over), let bottom = Int(under),
        bottom < 1_000_000_000,
        let value = Normalization.fraction(isNegative: isNegative, over: top, under: bottom)
      else { return nil }
      return Token(range: tokenStart..<(index + 1), value: value)
    }
    return nil
  }
}
