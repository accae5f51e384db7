import Primitives

/// A model's identity, which keys hold as JSON, as people name the model.
enum ModelName {
  /// The model's name at its endpoint, the declared identity, or the first digits of a checkpoint.
  static func short(_ identity: String) -> String {
    guard let json = try? JSON(parsing: Array(identity.utf8)) else {
      return ForeignText.line(identity, limit: 60)
    }
    if let name = json["model"]?.string ?? json["identity"]?.string {
      return ForeignText.line(name, limit: 60)
    }
    for kind in ["checkpoint", "tuned"] {
      if let digest = json[kind]?.string { return "\(kind) \(digest.prefix(12))" }
    }
    return ForeignText.line(identity, limit: 60)
  }

  /// With endpoint and revision.
  static func full(_ identity: String) -> String {
    guard let json = try? JSON(parsing: Array(identity.utf8)) else { return short(identity) }
    let revision = json["revision"]?.string.map { ", revision \(ForeignText.line($0))" } ?? ""
    let endpoint = json["endpoint"]?.string.map { " at \(ForeignText.line($0))" } ?? ""
    return short(identity) + revision + endpoint
  }

  /// Whether somebody who writes `name` may mean the model.
  static func fits(_ identity: String, _ name: String) -> Bool {
    guard let json = try? JSON(parsing: Array(identity.utf8)) else { return identity == name }
    let names = [json["model"], json["identity"], json["endpoint"]].compactMap { $0?.string }
    let digests = [json["checkpoint"], json["tuned"]].compactMap { $0?.string }
    return identity == name || names.contains { UTF8Order.equal($0, name) }
      || digests.contains { name.count >= 4 && $0.hasPrefix(name) }
  }
}
