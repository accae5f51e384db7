/// Takes the body of a success (2xx) as it arrives, instead of memory.
///
/// The client's own thread calls it, piece by piece in order: what blocks here holds up every
/// transfer of that client.
package protocol BodySink: AnyObject, Sendable {
  /// Called once for an answer, before its first piece; an empty body has it too.
  ///
  /// - Parameter head: Status and headers; its body is empty.
  /// - Returns: Why the body cannot be taken, for people; nil if it can.
  func begin(_ head: HTTPResponse) -> String?

  /// Takes the next piece.
  ///
  /// - Returns: Why it could not be taken, for people, which ends the transfer; nil if it was.
  func take(_ piece: UnsafeRawBufferPointer) -> String?
}
