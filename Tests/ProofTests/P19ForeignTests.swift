import Foundation
import Primitives
import TestSupport
import Testing

/// P19: what comes from elsewhere, archives and commits, writes nothing outside of its place.
@Suite("P19 foreign", .serialized)
struct P19ForeignTests {
  private let server: TollServer

  init() throws { server = try TollServer() }

  // MARK: Archives

  @Test("archives with names that lead out, links, and parts with such names")
  func archives() throws {
    var proof = Proof("P19 archives")
    let origin = try Jail(server)
    try origin.project.write(server.url)
    try #require(try origin.run("run", "w.yaml", "--cache", "cache").status == 0)
    let export = try origin.run("cache", "export", "last", "-o", "run.tar", "--cache", "cache")
    try #require(export.status == 0, "\(export.error)")
    // Without a trick it is taken, so that what is refused below is the trick.
    let honest = try Jail(server)
    try forge(
      "\(origin.project.path)/run.tar",
      "part rows",
      "\(honest.project.path)/run.tar",
      honest
    )
    let taken = try honest.run("cache", "import", "run.tar", "--cache", "cache")
    try #require(taken.status == 0, "\(taken.error)")
    let tricks =
      [
        "entry OUT/secret", "entry ABSOLUTE/secret", "entry objects/ab/../../../OUT/secret",
        "entry runs/../../OUT/secret", "symlink runs/ID/logs/x.log", "hardlink runs/ID/logs/x.log",
        "folder runs/ID/logs/x.log", "through runs/ID/logs", "part OUT/secret",
        "part ABSOLUTE/secret",
        "part a/b", "part ..",
      ] + (1...4).map { "part \(String(repeating: "../", count: $0))OUT/secret" }
    for trick in tricks {
      let jail = try Jail(server)
      let words = trick.replacingOccurrences(of: "ABSOLUTE", with: jail.outside.path)
        .replacingOccurrences(of: "OUT", with: jail.way)
      try forge("\(origin.project.path)/run.tar", words, "\(jail.project.path)/evil.tar", jail)
      let imported = try jail.run("cache", "import", "evil.tar", "--cache", "cache")
      #expect(try jail.changes() == [], "\(trick)")
      if imported.status == 0 {
        // A part by a hostile name may be kept; writing it out must not lead out.
        #expect(trick.hasPrefix("part"), "\(trick) was taken: \(imported.output)")
        for arguments in [
          ["get", "last", "labels", "-o", "got"], ["bundle", "last", "-o", "crate"],
        ] {
          _ = try Tool.run(
            arguments + ["--cache", "cache"],
            in: jail.project.path,
            environment: ["HOME": jail.outside.path]
          )
        }
        _ = try jail.run("rerun", "last", "--cache", "cache")
        #expect(try jail.changes() == [], "\(trick): written out")
        proof.count("archives taken, and harmless")
      } else {
        #expect(imported.status == 1, "\(trick): \(imported.status) \(imported.error)")
        #expect(imported.error.contains("refused"), "\(trick): \(imported.error)")
        proof.count("archives refused")
      }
    }
    try proof.report()
  }

  /// Writes an archive with one trick, its manifest made anew so that every digest is right.
  private func forge(_ source: String, _ trick: String, _ target: String, _ jail: Jail) throws {
    let result = try GitRepository.run(
      ["python3", "-c", Self.forger, source, target, jail.outside.path]
        + trick.components(
          separatedBy: " "
        ),
      in: jail.project.path
    )
    try #require(result.status == 0, "\(result.error)")
  }

  private static let forger = """
    import hashlib, io, json, sys, tarfile
    # Zeros behind the end, which tar writes to fill a tape's record, are refused by themselves.
    tarfile.RECORDSIZE = 512
    source, target, outside, trick, name = sys.argv[1:]
    old = tarfile.open(source)
    entries = [(member.name, old.extractfile(member).read()) for member in old.getmembers()]
    manifest = json.loads(entries[-1][1])
    run = manifest["run"]["id"]
    name = name.replace("ID", run)
    extra = []
    kinds = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "folder": tarfile.DIRTYPE}
    if trick == "entry":
      extra = [(name, b"evil", tarfile.REGTYPE, "")]
    elif trick in kinds:
      extra = [(name, b"", kinds[trick], outside + "/secret")]
    elif trick == "through":
      extra = [(name, b"", tarfile.SYMTYPE, outside), (name + "/x.log", b"evil", tarfile.REGTYPE, "")]
    else:
      # As an older release wrote them: without seals, which anybody could make anew.
      names = {"rows": name, "summary": "manifest"} if name != "rows" else {}
      def renamed(path, data):
        if path == "results.jsonl":
          rows = [json.loads(line) for line in data.splitlines()]
          for row in rows:
            row["facts"].pop("seal", None)
            for output in row["outputs"]:
              output["part"] = names.get(output["part"], output["part"])
          return b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\\n" for row in rows)
        if path.endswith("/run.json"):
          record = json.loads(data)
          record.pop("seal", None)
          record["version"] = 1
          for instance in record["instances"]:
            outputs = instance.get("outputs") or {}
            instance["outputs"] = {names.get(part, part): one for part, one in outputs.items()}
          return json.dumps(record).encode()
        return data
      entries = [(path, renamed(path, data)) for path, data in entries]
    files = [(path, data, tarfile.REGTYPE, "") for path, data in entries[:-1]] + extra
    manifest["entries"] = [
      {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
      for path, data, kind, link in files if kind == tarfile.REGTYPE
    ]
    last = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
    files.append((entries[-1][0], last, tarfile.REGTYPE, ""))
    new = tarfile.open(target, "w", format=tarfile.PAX_FORMAT)
    for path, data, kind, link in files:
      info = tarfile.TarInfo(path)
      info.size, info.type, info.linkname = len(data), kind, link
      new.addfile(info, io.BytesIO(data))
    new.close()
    """

  // MARK: Commits

  @Test("commits with names and links that lead out are restored without them")
  func commits() throws {
    var proof = Proof("P19 commits")
    let links = ["OUT", "ABSOLUTE", "../../../../../../../../../../../../etc", "sub/../../OUT"]
    let names = ["..", ".git", ".GIT", "git~1", ".git ", "data.jsonl", "DATA.jsonl"]
    for trick in links.map({ "link \($0)" }) + names.map({ "name \($0)" }) {
      let jail = try Jail(server)
      let repository = GitRepository(path: jail.project.path)
      try repository.git("init", "-q", "-b", "main")
      try jail.project.write(server.url)
      try repository.write("cache/\n", to: ".gitignore")
      try repository.commit("First")
      let words = trick.replacingOccurrences(of: "ABSOLUTE", with: jail.outside.path)
        .replacingOccurrences(of: "OUT", with: jail.way)
      try commitTrick(words, repository)
      let restored = try jail.run("run", "w.yaml", "--at", "evil", "--cache", "cache")
      // The workflow needs none of it, so it runs, or the commit is refused as a whole.
      #expect(
        [0, 1, 2].contains(restored.status),
        "\(trick): \(restored.status) \(restored.error)"
      )
      #expect(restored.signal == nil, "\(trick)")
      #expect(try jail.changes() == [], "\(trick)")
      let head = try repository.git("rev-parse", "HEAD")
      #expect(try repository.git("rev-parse", "main") == head, "\(trick)")
      proof.count(restored.status == 0 ? "commits run" : "commits refused")
    }
    try proof.report()
  }

  /// Makes a commit that git's own commands would not, as the branch `evil`.
  private func commitTrick(_ trick: String, _ repository: GitRepository) throws {
    let result = try GitRepository.run(
      ["python3", "-c", Self.committer]
        + trick.split(separator: " ", maxSplits: 1).map(String.init),
      in: repository.path
    )
    try #require(result.status == 0, "\(result.error)")
  }

  private static let committer = """
    import subprocess, sys
    trick, what = sys.argv[1:]
    def git(*words, data=None):
      return subprocess.run(["git", *words], input=data, check=True, capture_output=True).stdout
    def blob(data):
      return git("hash-object", "-w", "--stdin", data=data).strip()
    def tree(entries):
      text = b"".join(b"%s %s\\0%s" % (mode, name, bytes.fromhex(sha.decode()))
        for mode, name, sha in sorted(entries, key=lambda e: e[1]))
      return git("hash-object", "-w", "-t", "tree", "--stdin", "--literally", data=text).strip()
    entries = []
    for line in git("ls-tree", "HEAD").splitlines():
      facts, name = line.split(b"\\t", 1)
      mode, kind, sha = facts.split()
      entries.append((mode.lstrip(b"0"), name, sha))
    if trick == "link":
      entries.append((b"120000", b"way", blob(what.encode())))
      # And a file below what is a link in another spelling.
      entries.append((b"40000", b"Way", tree([(b"100644", b"secret", blob(b"evil"))])))
    else:
      inner = tree([(b"100644", b"secret", blob(b"evil")), (b"100644", b"config", blob(b"evil"))])
      name = what.encode()
      isFile = name.lower().endswith(b".jsonl")
      entries.append((b"100644", name, blob(b"{}")) if isFile else (b"40000", name, inner))
      if isFile:
        entries.append((b"100644", name.swapcase(), blob(b"{}")))
    commit = git("-c", "user.name=T", "-c", "user.email=t@example.net", "commit-tree",
      tree(entries).decode(), "-p", "HEAD", "-m", "evil").strip()
    git("update-ref", "refs/heads/evil", commit.decode())
    """
}
