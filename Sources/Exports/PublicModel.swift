import Lineage
import Primitives

/// What of a model's declaration goes out: what it is and where it answers, and nothing that might
/// ever name a key.
struct PublicModel {
  let name: String
  /// As its provider calls it, or the name of the embedded one.
  let model: String
  let baseURL: String?
  let revision: String?
  let price: JSON?
  private let isEmbedded: Bool

  init(_ recorded: RecordedModel) {
    let declared = recorded.declared
    name = recorded.name
    isEmbedded = declared["embedded"]?.string != nil
    // A folder's path is that of somebody's machine.
    let embedded = declared["embedded"]?.string?.split(separator: "/").last.map(String.init)
    model = embedded ?? declared["model"]?.string ?? recorded.name
    baseURL = declared["base_url"]?.string.map(Self.withoutUser)
    revision = declared["revision"]?.string
    price = declared["price"]?.object == nil ? nil : declared["price"]
  }

  /// `llama@2024-07-23`.
  var title: String { revision.map { "\(model)@\($0)" } ?? model }

  var json: JSON {
    if isEmbedded { return ["embedded": .string(model)] }
    return [
      "base_url": JSON(baseURL), "model": .string(model), "revision": JSON(revision),
      "price": price ?? .null,
    ]
  }

  /// An address without user name, password, query and fragment; declarations have none since they
  /// are refused, but records of any age are read here.
  static func withoutUser(_ url: String) -> String {
    guard let mark = url.firstRange(of: "://") else { return url }
    let rest = url[mark.upperBound...].prefix { $0 != "?" && $0 != "#" }
    let authority = rest.prefix { $0 != "/" }
    let clean = authority.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
    return String(url[..<mark.upperBound] + clean)
  }
}
