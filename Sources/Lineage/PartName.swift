/// Names of parts as they stand in records and preimages (docs/design.md, "Artifacts and parts").
///
/// They are part of what the store keeps, so this reader of old records has its own list: should a
/// later release name a part anew, old records keep the old name.
enum PartName {
  static let rows = "rows"
  static let ids = "ids"
  static let summary = "summary"
  static let prompt = "prompt"
  static let target = "target"
  static let reading = "reading"
  static let chosen = "chosen"
  static let manifest = "manifest"
  static let model = "model"
}
