import Foundation

/// A key with a unique text in it, and the search for it in everything that was written.
struct Canary {
  /// As a user would set it; the signs behind the dash are written differently in JSON and URLs.
  let key = #"canary-7351-"\/+=&%~end"#

  /// Every form that the key, or enough of it to know it, may be written in.
  private let forms: [(name: String, bytes: [UInt8])]

  init() {
    let key = self.key
    var forms: [(String, String)] = [("raw", key), ("its first part", "canary-7351")]
    let escaped = key.replacingOccurrences(of: "\\", with: "\\\\")
      .replacingOccurrences(of: "\"", with: "\\\"")
    forms.append(("JSON", escaped))
    forms.append(("JSON with slashes", escaped.replacingOccurrences(of: "/", with: "\\/")))
    let unreserved = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
    let url = key.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    forms += [("URL", url), ("URL in lower case", url.lowercased())]
    // Base64 of a text that has the key at each of the three alignments, without the ends, which
    // depend on the neighbours.
    for shift in 0..<3 {
      let padded = Data([UInt8](repeating: 0x41, count: shift) + Array(key.utf8))
      let text = padded.base64EncodedString()
      forms.append(("base64 at \(shift)", String(text.dropFirst(4).dropLast(4))))
    }
    self.forms = forms.map { ($0.0, Array($0.1.utf8)) }
  }

  /// The forms in which the key stands in some bytes.
  func found(in data: Data) -> [String] {
    forms.filter { data.range(of: Data($0.bytes)) != nil }.map(\.name)
  }

  /// The files below a folder in which the key stands, with its form.
  func found(below folder: String) -> [String] {
    let walker = FileManager.default.enumerator(atPath: folder)
    var hits: [String] = []
    while let name = walker?.nextObject() as? String {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
      hits += found(in: data).map { "\(name): \($0)" }
    }
    return hits
  }
}
