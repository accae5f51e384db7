import Foundation

/// Byte-level byte-pair encoding: text to tokens and back.
///
/// Any text can be encoded, since every byte is a token. Special tokens are never read from text:
/// a prompt that contains `<|im_end|>` cannot end its turn.
package struct Tokenizer: Sendable {
  /// Two neighbouring tokens.
  struct Pair: Hashable, Sendable {
    let left: Int32
    let right: Int32
  }

  /// What a pair becomes, and how early: lower ranks merge first.
  struct Merge: Sendable {
    let rank: Int32
    let token: Int32
  }

  /// A token that stands beside the vocabulary, most often with a meaning of its own, such as the
  /// end of a turn.
  struct Special: Hashable, Sendable {
    let token: Int32
    let text: String
    /// Whether it has such a meaning, and no text that a reader should see.
    var isSpecial = true
  }

  /// What shapes the tokens of a text beside vocabulary and merges.
  struct Style: Hashable, Sendable {
    var preTokenizer = PreTokenizer.qwen
    /// Whether texts are brought to Unicode's composed form (NFC) first.
    var composes = false
    /// Whether a piece that is a token is taken whole, whatever the merges make of it.
    var prefersWholePieces = false
  }

  /// Bytes of each token by its id; nil where the id is special or unused.
  let tokenBytes: [[UInt8]?]
  /// Merged pairs in rank order.
  let mergeList: [Pair]
  /// In the order of their ids.
  let specials: [Special]
  let style: Style
  private let merges: [Pair: Merge]
  private let byteTokens: [Int32]
  /// Tokens of the vocabulary by their bytes; empty where pieces are never taken whole.
  private let wholePieces: [[UInt8]: Int32]

  /// Ids from 0 up to this are tokens.
  package var tokenCount: Int { tokenBytes.count }

  /// Takes a vocabulary and the pairs to merge, in rank order.
  init(
    tokenBytes: [[UInt8]?],
    merges mergeList: [Pair],
    specials: [Special],
    style: Style = Style()
  ) throws(CheckpointError) {
    var tokenBytes = tokenBytes
    var tokens: [[UInt8]: Int32] = [:]
    for (index, bytes) in tokenBytes.enumerated() {
      guard let bytes else { continue }
      guard tokens.updateValue(Int32(index), forKey: bytes) == nil else {
        throw Self.error("two tokens stand for '\(ByteAlphabet.text(of: bytes))'")
      }
    }
    byteTokens = try Self.byteTokens(in: tokens)
    var merges: [Pair: Merge] = [:]
    for (rank, pair) in mergeList.enumerated() {
      let token = try Self.result(of: pair, rank: rank, tokenBytes, tokens)
      guard merges.updateValue(Merge(rank: Int32(rank), token: token), forKey: pair) == nil else {
        throw Self.error("merge \(rank + 1) stands there twice")
      }
    }
    // Added tokens without a meaning of their own are text when the model says them.
    for special in specials where !special.isSpecial {
      tokenBytes[Int(special.token)] = Array(special.text.utf8)
    }
    self.tokenBytes = tokenBytes
    self.mergeList = mergeList
    self.specials = specials.sorted { $0.token < $1.token }
    self.style = style
    self.merges = merges
    wholePieces = style.prefersWholePieces ? tokens : [:]
  }

  private static func byteTokens(in tokens: [[UInt8]: Int32]) throws(CheckpointError) -> [Int32] {
    var result: [Int32] = []
    for byte in UInt8.min...UInt8.max {
      guard let token = tokens[[byte]] else {
        throw error("no token stands for byte \(byte) ('\(ByteAlphabet.text(of: [byte]))')")
      }
      result.append(token)
    }
    return result
  }

  private static func result(
    of pair: Pair,
    rank: Int,
    _ tokenBytes: [[UInt8]?],
    _ tokens: [[UInt8]: Int32]
  ) throws(CheckpointError) -> Int32 {
    guard let left = tokenBytes[Int(pair.left)], let right = tokenBytes[Int(pair.right)] else {
      throw error("merge \(rank + 1) uses a special token")
    }
    guard let token = tokens[left + right] else {
      throw error(
        "merge \(rank + 1) makes '\(ByteAlphabet.text(of: left + right))', which is no token"
      )
    }
    return token
  }

  /// The token of a special text; nil if the tokenizer has none.
  func special(_ text: String) -> Int32? {
    specials.first { $0.text.utf8.elementsEqual(text.utf8) }?.token
  }

  /// The token that ends a turn; every tokenizer that a chat format accepts has it.
  package var endOfTurn: Int32 { special(ChatFormat.endText) ?? -1 }

  /// The text of a special token; nil for any other.
  func specialText(of token: Int32) -> String? {
    specials.first { $0.token == token }?.text
  }

  /// The tokens of plain text; special tokens in it are taken for plain text too.
  package func encode(_ text: String) -> [Int32] {
    var result: [Int32] = []
    let text = style.composes ? text.precomposedStringWithCanonicalMapping : text
    style.preTokenizer.forEachPiece(of: text) { piece in
      if style.prefersWholePieces, let token = wholePieces[Array(piece)] {
        result.append(token)
      } else {
        var merging = PieceMerging(piece.map { byteTokens[Int($0)] }, merges)
        result.append(contentsOf: merging.run())
      }
    }
    return result
  }

  /// The bytes of a token; none for special and unknown ids.
  func bytes(of token: Int32) -> [UInt8] {
    tokenBytes.indices.contains(Int(token)) ? tokenBytes[Int(token)] ?? [] : []
  }

  /// The text of some tokens: special ones are left out, broken UTF-8 becomes U+FFFD.
  package func decode(_ tokens: some Sequence<Int32>) -> String {
    String(decoding: tokens.flatMap { bytes(of: $0) }, as: UTF8.self)
  }

  static let fileName = "tokenizer.json"

  static func error(_ message: String) -> CheckpointError {
    CheckpointError(file: fileName, message)
  }
}
