/// The token of an owner as two words: 32 hexadecimal digits.
struct OwnerWords: BitwiseCopyable, Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Nil for anything that is no token.
  init?(_ token: String) {
    guard token.utf8.count == 32, let high = UInt64(token.prefix(16), radix: 16),
      let low = UInt64(token.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  var token: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

/// What a file of `rates/` says: the rates, and a row for each process that uses the model.
struct RateContent: Sendable {
  struct Row: BitwiseCopyable, Equatable, Sendable {
    var owner: OwnerWords
    var share: RateShare
  }

  /// More processes than this count for themselves only.
  static let mostRows = 128

  var sheet = RateSheet()
  private(set) var rows: [Row] = []

  init(sheet: RateSheet = RateSheet(), rows: [Row] = []) {
    self.sheet = sheet
    self.rows = rows
  }

  func share(of owner: OwnerWords) -> RateShare {
    rows.first { $0.owner == owner }?.share ?? RateShare()
  }

  /// A process that has nothing has no row.
  mutating func setShare(_ share: RateShare, of owner: OwnerWords) {
    let index = rows.firstIndex { $0.owner == owner }
    switch (index, share == RateShare()) {
    case (let index?, true): rows.remove(at: index)
    case (let index?, false): rows[index].share = share
    case (nil, true): break
    case (nil, false):
      if rows.count < Self.mostRows { rows.append(Row(owner: owner, share: share)) }
    }
  }

  func others(of owner: OwnerWords) -> RateOthers {
    var others = RateOthers()
    for row in rows where row.owner != owner {
      others.inFlight += Int(row.share.inFlight)
      others.active += 1
      if row.share.waiting > 0 {
        others.leastOfWaiting = min(others.leastOfWaiting ?? .max, Int(row.share.inFlight))
      }
    }
    return others
  }

  mutating func removeOwners(where isGone: (OwnerWords) -> Bool) {
    rows.removeAll { isGone($0.owner) }
  }
}
