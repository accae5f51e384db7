import Foundation
import Primitives
import TestSupport

/// A file system in memory that is too small, and that can be made larger.
///
/// It is mounted in a name space of its own, which needs no rights on most machines and leaves
/// nothing behind. Only programs started in there see it, hence the script.
struct SmallDisk {
  /// What came of a run on the full disk and of one with space again.
  struct Ends {
    let first: Distill.Result
    /// Requests that had reached the server at the end of the first run.
    let sentBefore: Int
    /// Answers in the ledger at that time.
    let recordedBefore: Int
    let second: Distill.Result
    let verify: Distill.Result
    /// The digest of the second run's `answers/rows`.
    let answers: String?
  }

  static let isAllowed: Bool = {
    let process = shell("mount -t tmpfs -o size=1m tmpfs /mnt")
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  let folder: TemporaryFolder

  /// Runs `w.yaml` with its cache on the small disk, makes the disk larger, and runs it again.
  func runTwice(small: String, large: String, sent: () -> Int) throws -> Ends {
    try folder.write("", to: "disk/here")
    let process = Self.shell(Self.script, [Distill.path, folder.path, small, large])
    let input = Pipe()
    process.environment = Distill.environment
    process.standardInput = input
    try process.run()
    while process.isRunning, !folder.has("paused") { usleep(2000) }
    let sentBefore = sent()
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    let stats = try result("stats").summary["attempts"]?["answered"]?["count"]?.int
    let shown = try result("show").summary["instances"]?.array ?? []
    let answers = shown.first { $0["id"]?.string == "answers" }
    return Ends(
      first: try result("first"),
      sentBefore: sentBefore,
      recordedBefore: stats ?? 0,
      second: try result("second"),
      verify: try result("verify"),
      answers: answers?["outputs"]?["rows"]?["sha256"]?.string
    )
  }

  private func result(_ name: String) throws -> Distill.Result {
    Distill.Result(
      status: Int32(try folder.read("\(name).status").filter(\.isNumber)) ?? -1,
      output: try folder.read("\(name).out"),
      error: try folder.read("\(name).err")
    )
  }

  private static func shell(_ script: String, _ arguments: [String] = []) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"] + arguments
    return process
  }

  /// Takes the tool, the folder and the two sizes; goes on when its standard input closes.
  private static let script = """
    tool=$1 folder=$2
    cd "$folder" && mount -t tmpfs -o "size=$3" tmpfs disk || exit 9
    step() {
      name=$1 && shift
      "$tool" "$@" --cache disk/cache --json > "$name.out" 2> "$name.err"
      echo $? > "$name.status"
    }
    step first run w.yaml
    step stats cache stats
    touch paused
    read -r line
    mount -o "remount,size=$4" tmpfs disk || exit 9
    step second run w.yaml
    step verify cache verify
    step show show last
    """
}

extension TemporaryFolder {
  fileprivate func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(path)/\(name)")
  }
}
