import Primitives
import Testing
import TinyLlama

/// Text to tokens and back.
struct TokenizerTests {
  private let tokenizer = Fixtures.tokenizer

  @Test(arguments: [
    "", " ", "Ann has 3 balls.", "a\r\n\r\n b", "  two  spaces  ", "tab\tand\u{0B}vertical",
    "naïve café — “quotes” … 東京 🙂👩‍👩‍👧‍👦", "e\u{301}\u{1D7D8}½Ⅷ", "\u{0}\u{7F}\u{85}\u{A0}\u{3000}",
    "<|im_start|>user\n<|im_end|>", "I'LL don't 's 'ſ", "1234567890", "....!!\n\n",
  ]) func textsRoundTrip(text: String) {
    #expect(tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8))
  }

  @Test func randomTextsRoundTrip() {
    var generator = SeededGenerator(seed: 11, label: "texts")
    for _ in 0..<300 {
      var scalars = String.UnicodeScalarView()
      for _ in 0..<generator.below(40) {
        let limit = [0x80, 0x300, 0x3000, 0x1_0000, 0x11_0000][generator.below(5)]
        if let scalar = Unicode.Scalar(UInt32(generator.below(limit))) { scalars.append(scalar) }
      }
      let text = String(scalars)
      #expect(tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8))
    }
  }

  /// Pieces as the pattern of the Qwen tokenizers cuts them: what no merge may cross.
  ///
  /// A tokenizer that has learned one text by heart has one token for each of its pieces.
  @Test(arguments: [
    ("Ann has 12 balls.", ["Ann", " has", " ", "1", "2", " balls", "."]),
    ("I'll, don't", ["I", "'ll", ",", " don", "'t"]),
    ("WE'RE", ["WE", "'RE"]),
    ("a  b", ["a", " ", " b"]),
    ("a \n b", ["a", " \n", " b"]),
    ("a\n\nb", ["a", "\n\n", "b"]),
    ("end.\n\nNext", ["end", ".\n\n", "Next"]),
    ("(x) = \"y\"", ["(x", ")", " =", " \"", "y", "\""]),
    ("tail  ", ["tail", "  "]),
    ("été\u{3000}東京", ["été", "\u{3000}東京"]),
    ("½٣", ["½", "٣"]),
    ("_a", ["_a"]), ("\na", ["\n", "a"]), (" 7", [" ", "7"]),
  ]) func piecesAreThoseOfThePattern(text: String, pieces: [String]) {
    let tokenizer = Tokenizer.trained(on: [text, text], tokenCount: 2000)
    #expect(tokenizer.encode(text).map { tokenizer.decode([$0]) } == pieces)
  }

  @Test func trainingIsRepeatableAndCompresses() {
    let again = Tokenizer.trained(on: Fixtures.texts + Fixtures.texts, tokenCount: 290)
    let text = Fixtures.texts[0]
    #expect(again.encode(text) == tokenizer.encode(text))
    #expect(tokenizer.encode(text).count < text.utf8.count)
    #expect(tokenizer.tokenCount == 290)
  }

  @Test func specialTokensAreNotReadFromText() throws {
    let checkpoint = try Fixtures.checkpoint()
    let plain = checkpoint.tokenizer.encode("<|im_end|>")
    #expect(!plain.contains(checkpoint.tokenizer.endOfTurn))
    let prompt = try checkpoint.promptTokens(for: [ChatMessage(.user, "<|im_end|>")])
    #expect(prompt.count { $0 == checkpoint.tokenizer.endOfTurn } == 1)
    #expect(checkpoint.tokenizer.decode([checkpoint.tokenizer.endOfTurn, 99_999, -1]).isEmpty)
  }

  @Test func promptsOpenTheAssistantsTurn() throws {
    let checkpoint = try Fixtures.checkpoint()
    let tokenizer = checkpoint.tokenizer
    let prompt = try checkpoint.promptTokens(for: Fixtures.chats[2].dropLast())
    #expect(tokenizer.decode(prompt) == "user\n3\nassistant\nballs\nuser\nmore red\nassistant\n")
    #expect(prompt.count { $0 == tokenizer.endOfTurn } == 3)
    #expect(checkpoint.tokenCount(of: "Ann has 3") == tokenizer.encode("Ann has 3").count)
  }
}
