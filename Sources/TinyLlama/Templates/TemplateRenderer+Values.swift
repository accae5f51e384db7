/// What expressions are worth.
extension TemplateRenderer {
  mutating func value(
    of expression: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    switch expression {
    case .constant(let value): return value
    case .name(let name): return lookUp(name)
    case .list(let elements):
      var values: [TemplateValue] = []
      for element in elements { values.append(try value(of: element)) }
      return .list(values)
    case .member(let base, let key): return try member(try value(of: key), of: try value(of: base))
    case .slice(let base, let start, let end):
      return try slice(
        try value(of: base),
        from: try start.map { expression throws(TemplateError) in try value(of: expression) },
        to: try end.map { expression throws(TemplateError) in try value(of: expression) }
      )
    case .call(let function, let arguments): return try call(try value(of: function), arguments)
    case .filter(let base, let name, let arguments):
      return try filter(try value(of: base), name, arguments)
    case .test(let base, let name, let isNegated):
      return .bool(try test(try value(of: base), name) != isNegated)
    case .not(let inner): return .bool(try !value(of: inner).isTrue)
    case .negative(let inner):
      guard case .integer(let number) = try value(of: inner) else {
        throw error("only numbers can be negative")
      }
      return .integer(-number)
    case .binary(let sign, let left, let right): return try binary(sign, left, right)
    case .choice(let condition, let chosen, let otherwise):
      if try value(of: condition).isTrue { return try value(of: chosen) }
      guard let otherwise else { return .undefined }
      return try value(of: otherwise)
    }
  }

  private func member(
    _ key: TemplateValue,
    of base: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    switch (base, key) {
    case (.map(let members), .text(let name)):
      return members.first { $0.key == name.string }?.value ?? .undefined
    case (.namespace(let number), .text(let name)):
      return namespaces[number][name.string] ?? .undefined
    case (.list(let elements), .integer(let index)):
      let place = index < 0 ? elements.count + index : index
      return elements.indices.contains(place) ? elements[place] : .undefined
    case (.text, .text(let name)): return .function(name.string, of: base)
    case (.undefined, _):
      throw error("a member of something undefined is asked for")
    default: throw error("\(base.kindName) has no member \(key.printed?.string ?? key.kindName)")
    }
  }

  private func slice(
    _ base: TemplateValue,
    from start: TemplateValue?,
    to end: TemplateValue?
  ) throws(TemplateError) -> TemplateValue {
    guard case .list(let elements) = base else {
      throw error("only lists can be cut, found \(base.kindName)")
    }
    func place(_ value: TemplateValue?, _ fallback: Int) throws(TemplateError) -> Int {
      guard let value else { return fallback }
      guard case .integer(let number) = value else { throw error("a place in a list is no number") }
      return min(max(number < 0 ? elements.count + number : number, 0), elements.count)
    }
    let (from, to) = (try place(start, 0), try place(end, elements.count))
    return .list(from < to ? Array(elements[from..<to]) : [])
  }

  private mutating func binary(
    _ sign: String,
    _ left: TemplateExpression,
    _ right: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    let one = try value(of: left)
    // These two look at the right side only where it matters.
    if sign == "and" { return one.isTrue ? try value(of: right) : one }
    if sign == "or" { return one.isTrue ? one : try value(of: right) }
    let other = try value(of: right)
    switch (sign, one, other) {
    case ("==", _, _): return .bool(one.equals(other))
    case ("!=", _, _): return .bool(!one.equals(other))
    case ("in", _, _): return .bool(try contains(other, one))
    case ("+", .text(let one), .text(let other)): return .text(one + other)
    case ("+", .list(let one), .list(let other)): return .list(one + other)
    case ("~", _, _):
      guard let one = one.printed, let other = other.printed else { break }
      return .text(one + other)
    case (_, .integer(let one), .integer(let other)):
      if let value = Self.arithmetic(sign, one, other) { return value }
    default: break
    }
    throw error("'\(sign)' does not join \(one.kindName) and \(other.kindName)")
  }

  private static func arithmetic(_ sign: String, _ one: Int, _ other: Int) -> TemplateValue? {
    switch sign {
    case "<": .bool(one < other)
    case ">": .bool(one > other)
    case "<=": .bool(one <= other)
    case ">=": .bool(one >= other)
    case "+": .integer(one &+ other)
    case "-": .integer(one &- other)
    case "*": .integer(one &* other)
    // Python's remainder has the sign of the divisor.
    case "%" where other > 0: .integer(((one % other) + other) % other)
    case "//" where other > 0: .integer(one >= 0 ? one / other : -((other - 1 - one) / other))
    default: nil
    }
  }

  private func contains(
    _ whole: TemplateValue,
    _ part: TemplateValue
  ) throws(TemplateError) -> Bool {
    switch (whole, part) {
    case (.list(let elements), _): return elements.contains { $0.equals(part) }
    case (.map(let members), .text(let name)): return members.contains { $0.key == name.string }
    case (.text(let whole), .text(let part)):
      return part.string.isEmpty || whole.string.contains(part.string)
    default: throw error("'in' does not look for \(part.kindName) in \(whole.kindName)")
    }
  }
}
