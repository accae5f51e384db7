import Primitives

/// A fault with its parameters.
struct Fault: Sendable {
  let name: FaultName
  let parameters: JSONObject
  /// Whether the request has its effect all the same.
  let charges: Bool

  init(_ name: FaultName, _ parameters: JSONObject = JSONObject()) {
    self.name = name
    self.parameters = parameters
    charges = parameters["charge"]?.bool ?? name.charges
  }

  /// Whether it strikes only the first time that a request is seen.
  var isOnce: Bool { parameters["once"]?.bool == true }

  func text(_ name: String) -> String? { parameters[name]?.string }
  func int(_ name: String) -> Int? { parameters[name]?.int }
  func seconds(_ name: String, default usual: Double) -> Double {
    parameters[name]?.number ?? usual
  }
}

// MARK: - Reading and writing

extension Fault {
  /// Reads what a script has: a name, `status-429`, or a map with `fault` and parameters.
  init(_ json: JSON) throws(FaultError) {
    switch json {
    case .string(let text): try self.init(named: text, JSONObject())
    case .object(var parameters):
      guard let text = parameters["fault"]?.string else {
        throw FaultError("a fault is a map without 'fault'; expected the fault's name there")
      }
      parameters["fault"] = nil
      try self.init(named: text, parameters)
    default:
      throw FaultError("a fault is \(json.kindName); expected a name, or a map with 'fault'")
    }
  }

  init(named text: String, _ parameters: JSONObject) throws(FaultError) {
    if let name = FaultName(rawValue: text) {
      self.init(name, parameters)
      return
    }
    guard text.hasPrefix("status-"), let status = Int(text.dropFirst(7)),
      (200...599).contains(status)
    else {
      throw FaultError("no fault is named '\(text)'; 'toll-server faults' lists them")
    }
    var parameters = parameters
    parameters["status"] = JSON(status)
    self.init(.status, parameters)
  }

  /// The form that `init(_:)` reads.
  var json: JSON {
    guard !parameters.isEmpty else { return .string(name.rawValue) }
    return .object(JSONObject([("fault", .string(name.rawValue))] + parameters.members))
  }

  /// The fault that a prompt asks for by `[[toll: name parameter=value once]]`, if any.
  ///
  /// A value that reads as JSON is that, any other a text; a word without `=` is true.
  static func marked(in prompt: String) throws(FaultError) -> Fault? {
    guard let start = prompt.firstRange(of: "[[toll:"),
      let end = prompt[start.upperBound...].firstRange(of: "]]")
    else { return nil }
    let words = prompt[start.upperBound..<end.lowerBound].split(separator: " ")
    guard let name = words.first else { return nil }
    var parameters = JSONObject()
    for word in words.dropFirst() {
      let sides = word.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else {
        parameters[String(word)] = true
        continue
      }
      let value = try? JSON(parsing: String(sides[1]))
      parameters[String(sides[0])] = value ?? .string(String(sides[1]))
    }
    return try Fault(named: String(name), parameters)
  }
}
