import Primitives

// Artifacts go through the tracking server, where it serves them; elsewhere it would take the keys of
// somebody's storage.

extension MLflowService {
  /// Whether the server takes artifacts itself, for a run whose artifacts belong at this address.
  static func takesArtifacts(_ root: String) -> Bool { artifactPath(root) != nil }

  func put(_ artifact: MLflowRun.Artifact, below root: String) async throws(ExportError) {
    guard let folder = Self.artifactPath(root) else { return }
    let path = PercentEncoding.text("\(folder)/\(artifact.path)", allowing: "/")
    let answer = try await client.put(
      "/api/2.0/mlflow-artifacts/artifacts/\(path)",
      bytes: artifact.bytes
    )
    guard answer.isSuccess else {
      throw client.refusal(answer, of: "artifact '\(artifact.path)' was refused")
    }
  }

  /// `1/abc/artifacts` of `mlflow-artifacts:/1/abc/artifacts`, whatever host stands in between.
  private static func artifactPath(_ root: String) -> String? {
    let scheme = "mlflow-artifacts:"
    guard root.hasPrefix(scheme) else { return nil }
    var rest = root.dropFirst(scheme.count)
    if rest.hasPrefix("//") { rest = rest.dropFirst(2).drop { $0 != "/" } }
    let parts = rest.split(separator: "/")
    guard !parts.isEmpty, !parts.contains(".."), !parts.contains(".") else { return nil }
    return parts.joined(separator: "/")
  }
}
