package import Lineage
import Primitives
import Store

/// What events say of a run as a whole: which workflow, by which version, from which commit.
package struct RunIdentity: Sendable {
  package let runID: String
  package let workflow: String
  /// Of the workflow file: below the repository's root, else its name alone.
  package let path: String
  package let tool: String
  /// Groups jobs and the datasets that the tool makes.
  package let namespace: String
  package let commit: String?
  package let branch: String?
  package let remote: String?
  package let files: [File]

  /// An input file.
  package struct File: Sendable {
    /// Below the repository's root, else its last name.
    let name: String
    let object: ObjectRef
  }

  /// The namespace where nobody says otherwise.
  package static let defaultNamespace = "distill"

  package init(_ run: RecordedRun, namespace: String = RunIdentity.defaultNamespace) {
    runID = run.id
    workflow = run.workflow.name
    path = InputPlace.title(ofFileAt: run.workflow.path, in: run)
    tool = run.tool
    self.namespace = namespace
    commit = run.git?.runCommit ?? run.git?.commit
    branch = run.git?.branch
    remote = run.git?.publicRemote
    files = run.files.map { file in
      File(name: InputPlace.title(ofFileAt: file.path, in: run), object: file.object)
    }
  }

  /// Who says so: the tool has no address on the web, so this is a name, not a place.
  var producer: JSON { .string("urn:distill:\(CrateEntity.idPart(tool))") }

  func jobName(of instance: String) -> String { "\(workflow).\(instance)" }

  /// Where the workflow is, as a URI: a repository's address, else the file in the commit.
  var location: String? {
    guard let commit else { return nil }
    guard let remote else { return "git:\(commit):\(CrateEntity.idPart(path))" }
    if remote.contains("://") { return remote }
    // `host:path`, as ssh is often written, is no URI.
    let parts = remote.split(separator: ":", maxSplits: 1)
    return parts.count == 2 ? "ssh://\(parts[0])/\(parts[1])" : "file:\(CrateEntity.idPart(remote))"
  }
}
