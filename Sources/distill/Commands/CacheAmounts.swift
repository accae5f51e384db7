import ArgumentParser

/// A length of time on the command line: `90s`, `30m`, `12h`, `30d`, `4w`.
struct Span: ExpressibleByArgument {
  let seconds: Int

  init?(argument: String) {
    let units = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    guard let unit = units[String(argument.suffix(1))], let number = Int(argument.dropLast()),
      number >= 0
    else { return nil }
    let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
    guard !overflow, seconds <= 1 << 40 else { return nil }
    self.seconds = seconds
  }
}

/// A number of bytes on the command line: `500MB`, `10GB`, `1GiB`, `4096`.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units = [
      ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("KB", 1_000),
      ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1), ("", 1),
    ]
    for (name, factor) in units where argument.hasSuffix(name) {
      guard let number = Double(argument.dropLast(name.count)), number >= 0,
        number * Double(factor) < 1e18
      else { return nil }
      bytes = Int(number * Double(factor))
      return
    }
    return nil
  }
}
