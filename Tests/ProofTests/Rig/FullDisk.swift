import Foundation
import Primitives
import TestSupport

/// A file system in memory that somebody else fills while the tool runs on it.
///
/// It is mounted in a name space of its own, which leaves nothing behind. Only programs started in
/// there see it, hence the script.
struct FullDisk {
  /// What came of a run while the disk filled up, and of one with space again.
  struct Ends {
    let first: Tool.Result
    /// Where the copy of the store lies that the first run left.
    let left: String
    let second: Tool.Result
    let verify: Tool.Result
    let show: Tool.Result
  }

  static let isAllowed: Bool = {
    let process = shell("mount -t tmpfs -o size=1m tmpfs /mnt", [])
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  let project: Project

  /// Runs `w.yaml` on 16 MB, which so many milliseconds later are full but for so many KiB; then,
  /// after `between`, with all of the space.
  func run(delay: Int, left: Int, between: () throws -> Void) throws -> Ends {
    try project.folder.write("", to: "disk/here")
    let names = ["filled", "paused", "left"].map { "\(project.path)/\($0)" }
    for name in names { try? FileManager.default.removeItem(atPath: name) }
    let seconds = "\(delay / 1000).\(String(delay % 1000 + 1000).dropFirst())"
    let process = Self.shell(Self.script, [Tool.path, project.path, seconds, "\(left)"])
    let input = Pipe()
    process.environment = Tool.environment
    process.standardInput = input
    try process.run()
    while process.isRunning, !FileManager.default.fileExists(atPath: names[1]) { usleep(2000) }
    try between()
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    return Ends(
      first: try result("first"),
      left: names[2],
      second: try result("second"),
      verify: try result("verify"),
      show: try result("show")
    )
  }

  private func result(_ name: String) throws -> Tool.Result {
    let status = Int32(try project.folder.read("\(name).status").filter(\.isNumber)) ?? -1
    return Tool.Result(
      status: status,
      signal: status > 128 ? status - 128 : nil,
      output: try project.folder.read("\(name).out"),
      error: try project.folder.read("\(name).err")
    )
  }

  private static func shell(_ script: String, _ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"] + arguments
    return process
  }

  /// Takes the tool, the folder, the delay and what is left; goes on when its input closes.
  private static let script = """
    tool=$1 folder=$2 delay=$3 left=$4
    cd "$folder" && mount -t tmpfs -o size=16m tmpfs disk || exit 9
    step() {
      name=$1 && shift
      "$tool" "$@" --cache disk/cache --json > "$name.out" 2> "$name.err" < /dev/null
      echo $? > "$name.status"
    }
    step first run w.yaml & run=$!
    sleep "$delay"
    free=$(df -k --output=avail disk | tail -n 1)
    # The run may take some of it meanwhile.
    while [ "$free" -gt "$left" ] && ! fallocate -l "$((free - left))K" disk/filler 2> /dev/null; do
      free=$((free - 64))
    done
    wait "$run"
    mkdir left && cp disk/cache/ledger.sqlite* left/ 2> /dev/null
    touch paused
    read -r line
    rm -f disk/filler
    mount -o remount,size=64m disk
    step second run w.yaml
    step verify cache verify
    step show show last
    """
}
