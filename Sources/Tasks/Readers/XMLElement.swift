/// An element of an XML document, with everything in it.
struct XMLElement {
  let name: String
  var attributes: [String: String] = [:]
  var children: [XMLElement] = []
  /// What stands between its tags but for its children, line ends as line feeds.
  var text = ""
  /// Of its start tag in the document's bytes.
  let offset: Int

  func children(named name: String) -> [XMLElement] { children.filter { $0.name == name } }
}
