import Diagnostics

/// Turns libyaml's marks, which count scalars from the start, into lines and columns.
///
/// libyaml counts lines too, but does not know where the first line of a token ends.
struct TextMap {
  let file: String
  /// For each line, the scalar that it begins with.
  private let lineStarts: [Int]
  /// Scalars of the whole text.
  private let count: Int

  /// Reads the lines of a text in UTF-8.
  init(_ bytes: ArraySlice<UInt8>, file: String) {
    var starts = [0]
    var scalar = 0
    var previous: UInt8 = 0
    for byte in bytes where byte & 0xC0 != 0x80 {
      // A line begins behind a break; of CR and LF together, behind the LF.
      if previous == 0x0A || (previous == 0x0D && byte != 0x0A) { starts.append(scalar) }
      scalar += 1
      previous = byte
    }
    if previous == 0x0A || previous == 0x0D { starts.append(scalar) }
    self.file = file
    lineStarts = starts
    count = scalar
  }

  /// The place of some scalars, its length cut at the end of the first line.
  func location(_ range: Range<Int>) -> Location {
    let start = min(range.lowerBound, count)
    let line = line(of: start)
    let next = line + 1 < lineStarts.count ? lineStarts[line + 1] - 1 : count
    let end = max(start, min(range.upperBound, next))
    return Location(
      file: file,
      line: line + 1,
      column: start - lineStarts[line] + 1,
      length: end - start
    )
  }

  /// The last line, from 0, that begins at or before a scalar.
  private func line(of scalar: Int) -> Int {
    var low = 0
    var high = lineStarts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lineStarts[middle] <= scalar { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
