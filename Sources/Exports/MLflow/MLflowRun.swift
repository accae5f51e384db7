import Primitives

/// One run as MLflow is to have it: the whole of a run here, or one of its instances.
struct MLflowRun: Sendable {
  enum Status: String, Sendable {
    case finished = "FINISHED"
    case failed = "FAILED"
    case killed = "KILLED"
  }

  struct Metric: Hashable, Sendable {
    let key: String
    let value: Double
  }

  /// Data that the run read.
  struct Dataset: Sendable {
    let name: String
    let digest: Digest
    /// Where it came from: repository, commit, path, full digest.
    let source: JSON
    /// `training`, `evaluation` or another word for what it was used for; nil where nothing says.
    let context: String?
  }

  struct Artifact: Sendable {
    let path: String
    let bytes: [UInt8]
  }

  /// The instance; nil for the run as a whole.
  let instance: String?
  let name: String
  let status: Status
  let start: Moment
  let end: Moment
  var tags: [(key: String, value: String)] = []
  var params: [(key: String, value: String)] = []
  var metrics: [Metric] = []
  var datasets: [Dataset] = []
  var artifacts: [Artifact] = []

  init(instance: String?, name: String, status: Status, start: Moment, end: Moment) {
    self.instance = instance
    self.name = name
    self.status = status
    self.start = start
    self.end = end
  }

  /// Adds a figure; MLflow has no word for one that is unknown or no number.
  mutating func add(_ key: String, _ value: Double?) {
    guard let value, value.isFinite else { return }
    metrics.append(Metric(key: MLflowText.key(key), value: value))
  }

  mutating func add(_ key: String, _ value: Int?) { add(key, value.map(Double.init)) }

  /// Adds a figure with its interval as further ones.
  mutating func add(_ prefix: String, _ figure: ScoreFigures.Figure) {
    add("\(prefix)\(figure.name)", figure.value)
    add("\(prefix)\(figure.name)_low", figure.low)
    add("\(prefix)\(figure.name)_high", figure.high)
  }

  /// Adds a parameter, shortened where MLflow would refuse it; a tag then says which ones were.
  mutating func add(parameter key: String, _ value: JSON) {
    let text = value.string ?? value.canonicalText
    let short = MLflowText.value(text)
    params.append((MLflowText.key(key), short))
    guard short.utf8.count < text.utf8.count else { return }
    let name = "distill.shortened"
    let others = tags.first { $0.key == name }?.value
    tags.removeAll { $0.key == name }
    tags.append((name, others.map { "\($0), \(key)" } ?? key))
  }

  mutating func add(tag key: String, _ value: String?) {
    if let value { tags.append((key, value)) }
  }
}

/// Names and values in the form that MLflow takes.
enum MLflowText {
  /// The limit of servers of any age; newer ones take more.
  private static let valueLimit = 250
  private static let keyLimit = 250
  private static let tagLimit = 5000

  /// A key of a metric or parameter, of letters, digits, `_`, `-`, `.` and `/`.
  ///
  /// Instances become folders there, `after@cot` is `after/cot`; a name that had to be changed
  /// otherwise ends in digits of its digest.
  static func key(_ text: String) -> String {
    let wanted = text.replacing("@", with: "/")
    let plain = String(
      decoding: wanted.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") },
      as: UTF8.self
    )
    // A key is a path there, and has to be its own shortest form.
    let parts = plain.split(separator: "/").filter { $0 != "." && $0 != ".." }
    let key = parts.joined(separator: "/")
    guard !UTF8Order.equal(key, wanted) || key.utf8.count > keyLimit || key.isEmpty else {
      return key
    }
    return "\(key.prefix(keyLimit - 9))-\(Digest(of: text).short)"
  }

  static func value(_ text: String) -> String { shortened(text, to: valueLimit) }

  static func tag(_ text: String) -> String { shortened(text, to: tagLimit) }

  /// The text, or its start and `…`, in so many bytes.
  private static func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var start = ""
    var size = "…".utf8.count
    for scalar in text.unicodeScalars {
      size += UTF8.width(scalar)
      guard size <= limit else { break }
      start.unicodeScalars.append(scalar)
    }
    return start + "…"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
