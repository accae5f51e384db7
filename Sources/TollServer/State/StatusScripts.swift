import Primitives

/// Scripts by the number of the job or batch; `*` stands for the others.
struct StatusScripts: Sendable {
  private var byNumber: [Int: StatusScript] = [:]
  private var others: StatusScript

  init(default usual: StatusScript) { others = usual }

  /// Reads a map from numbers to scripts, or one script for all.
  init(_ json: JSON, default usual: StatusScript) throws(FaultError) {
    others = usual
    guard let object = json.object, object["steps"] == nil else {
      others = try StatusScript(json)
      return
    }
    for (key, value) in object.members {
      if key == "*" {
        others = try StatusScript(value)
      } else if let number = Int(key) {
        byNumber[number] = try StatusScript(value)
      } else {
        throw FaultError("a script of states is for '\(key)'; expected a number from 1, or '*'")
      }
    }
  }

  func script(for number: Int) -> StatusScript { byNumber[number] ?? others }
}
