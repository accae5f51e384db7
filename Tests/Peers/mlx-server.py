"""What the tool makes of mlx_lm.server; started by mlx-server.sh, in whose folder it works."""

import json
import os
import subprocess
import sys

from peer import Project, check, stop, verdict, wait_for

folder, checkpoint = sys.argv[1], os.path.abspath(sys.argv[2])
port = 9000 + os.getpid() % 2000
rows = 40

log = open(f"{folder}/server.log", "w+")
server = subprocess.Popen(
    [
        f"{os.path.dirname(sys.executable)}/mlx_lm.server",
        *("--model", checkpoint, "--host", "127.0.0.1", "--port", str(port)),
    ],
    # It would look for other checkpoints in the network.
    env={**os.environ, "HF_HUB_OFFLINE": "1"},
    stdout=log,
    stderr=log,
)


def requests():
    """How many chat requests the server says it answered."""
    return open(f"{folder}/server.log").read().count('"POST /v1/chat/completions')


def texts(project, cache):
    """The answers of a run, by row."""
    result = project.run("show", "last", "--json", "--cache", cache)
    instances = {each["id"]: each for each in result.summary["instances"]}
    digest = instances["answers"]["outputs"]["rows"]["sha256"]
    path = f"{project.folder}/{cache}/objects/{digest[:2]}/{digest[2:]}"
    with open(path) as file:
        return [json.loads(line) for line in file]


try:
    wait_for(f"http://127.0.0.1:{port}/v1/models", server)
    project = Project(f"{folder}/project", rows)
    project.write(f"http://127.0.0.1:{port}/v1", "default_model")

    result = project.run("run", "w.yaml", "--json", "--cache", "cache")
    check(f"{rows} rows are answered", result.calls("made") == rows and result.status == 0, result)
    check(f"by {rows} requests", requests() == rows, requests())
    outcomes = project.outcomes()
    check("each has a state", sum(outcomes.values()) == rows, outcomes)
    usage = next(each for each in result.events if each.get("instance") == "answers"
                 and each["type"] == "instance")["facts"]
    check("tokens are counted", usage["prompt_tokens"] > 0 and usage["completion_tokens"] > 0, usage)
    check("a price that is not stated is unknown", result.summary["cost_usd"] is None, result)

    again = project.run("run", "w.yaml", "--json", "--cache", "cache")
    check("a second run sends nothing", requests() == rows and again.status == 0, again)

    # The same checkpoint in the tool's own server: greedy decoding of equal weights.
    with open(f"{project.folder}/w.yaml") as file:
        text = file.read()
    start, end = text.index("  teacher:"), text.index("nodes:")
    with open(f"{project.folder}/own.yaml", "w") as file:
        file.write(text[:start] + "  teacher: {embedded: tiny-student}\n" + text[end:])
    own = project.run("run", "own.yaml", "--json", "--cache", "own")
    check("the tool's own server answers too", own.calls("made") == rows, own)
    pairs = list(zip(texts(project, "cache"), texts(project, "own")))
    equal = sum(left.get("text") == right.get("text") for left, right in pairs)
    # Sums in another order may tip a greedy choice now and then.
    check(f"with the same texts ({equal} of {rows})", equal >= rows * 0.9, pairs[:3])

    # Killed: the server goes on with what it was asked; nothing recorded is asked again.
    project.write(f"http://127.0.0.1:{port}/v1", "default_model", "k", top="in_doubt: resend")
    before = requests()
    started = project.start("run", "k.yaml", "--json", "--cache", "killed")
    while started[0].poll() is None and requests() < before + rows // 2:
        pass
    started[0].kill()
    project.finish(started)
    recorded = project.recorded("killed")
    resumed = project.run("run", "k.yaml", "--json", "--cache", "killed")
    check("a killed run goes on", resumed.status == 0, resumed)
    check(
        f"and makes only what is missing ({recorded} were recorded)",
        0 < recorded < rows and resumed.calls("made") == rows - recorded,
        resumed,
    )
    check("with the same answers", texts(project, "killed") == texts(project, "cache"))

    # A server that goes away in the middle of a run.
    project.write(f"http://127.0.0.1:{port}/v1", "default_model", "g")
    before = requests()
    started = project.start("run", "g.yaml", "--json", "--cache", "gone")
    while started[0].poll() is None and requests() < before + rows // 2:
        pass
    stop(server, 9)
    result = project.finish(started, 300)
    check("a server that goes away fails the run", result.status == 1, result)
    kept = project.recorded("gone")
    check(f"and what it answered is kept ({kept})", 0 < kept < rows, project.outcomes("gone"))
finally:
    stop(server)
verdict()
