/// How one path is said from a folder.
package enum RelativePath {
  /// `data/train.jsonl`, `../shared/x.csv`; the path itself if the two share nothing but the root.
  package static func of(_ path: String, from folder: String) -> String {
    let target = path.split(separator: "/")
    let start = folder.split(separator: "/")
    let shared = zip(target, start).prefix { $0 == $1 }.count
    guard shared > 0 else { return path }
    let ups = Array(repeating: "..", count: start.count - shared)
    return (ups + target[shared...].map(String.init)).joined(separator: "/")
  }
}
