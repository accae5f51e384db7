import Primitives

/// The lines of a run's events; a last line without its end was cut off by a kill, and is none.
struct EventLines {
  /// The lines that read, without their ends.
  private(set) var whole: [ArraySlice<UInt8>] = []
  /// What they say.
  private(set) var events: [JSON] = []
  /// The numbers of the others, from 1.
  private(set) var damaged: [Int] = []

  /// `mustHaveSums` where the run's record says that its release summed them.
  init(_ bytes: [UInt8], mustHaveSums: Bool) {
    guard let end = bytes.lastIndex(of: 0x0A) else { return }
    for (index, line) in bytes[..<end].split(separator: 0x0A).enumerated() {
      guard let event = RunSeal.event(in: line, mustHaveSum: mustHaveSums) else {
        damaged.append(index + 1)
        continue
      }
      whole.append(line)
      events.append(event)
    }
  }
}
