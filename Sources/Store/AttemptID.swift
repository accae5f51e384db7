/// The row ids of attempts: the call's id, and in the low 20 bits the attempt's number.
///
/// So the attempts of a call lie side by side, and no index is needed to find them.
enum AttemptID {
  /// How many attempts a call can have, less one.
  private static let numberBits: Int64 = 20

  static func make(call: Int64, number: Int) -> Int64 {
    precondition(
      number > 0 && number < 1 << numberBits,
      "BUG: a call has between 1 and 1048575 attempts, not \(number)"
    )
    return call << numberBits | Int64(number)
  }

  static func call(of id: Int64) -> Int64 { id >> numberBits }

  static func number(of id: Int64) -> Int { Int(id & (1 << numberBits - 1)) }

  /// The smallest and the largest id that an attempt at the call can have.
  static func range(of call: Int64) -> (first: Int64, last: Int64) {
    (call << numberBits, call << numberBits | (1 << numberBits - 1))
  }
}
