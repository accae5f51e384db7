"""What MLflow's own client reads back of runs that the tool logged; started by mlflow-server.sh."""

import json
import math
import os
import subprocess
import sys
import urllib.parse

from mlflow.tracking import MlflowClient

from exported import ExportedProject
from peer import check, stop, verdict, wait_for

folder = sys.argv[1]
port = 13000 + os.getpid() % 2000
url = f"http://127.0.0.1:{port}"

log = open(f"{folder}/server.log", "w")
server = subprocess.Popen(
    [
        f"{os.path.dirname(sys.executable)}/mlflow",
        "server",
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
        *("--artifacts-destination", f"{folder}/artifacts"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
    ],
    stdout=log,
    stderr=subprocess.STDOUT,
    env={**os.environ, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"},
)


def snapshot(client, experiment):
    """All that the server has of an experiment's runs, as it has it."""
    state = {}
    for run in client.search_runs([experiment.experiment_id], max_results=1000):
        histories = {
            key: [(m.value, m.timestamp, m.step) for m in client.get_metric_history(run.info.run_id, key)]
            for key in run.data.metrics
        }
        state[run.info.run_id] = {
            "info": (run.info.run_name, run.info.status, run.info.start_time, run.info.end_time),
            "params": run.data.params,
            "tags": run.data.tags,
            "metrics": histories,
            "datasets": sorted((i.dataset.name, i.dataset.digest) for i in run.inputs.dataset_inputs),
        }
    return state


def judge(client, project):
    logged = project.tool("run", "small.yaml", "--mlflow", url, "--json")
    check("a run logs itself at its end", logged.status == 0 and "warning" not in logged.error, logged)
    run = logged.summary["id"]
    experiment = client.get_experiment_by_name("small")
    check("the experiment has the workflow's name", experiment is not None)
    runs = client.search_runs([experiment.experiment_id])
    parents = [found for found in runs if "mlflow.parentRunId" not in found.data.tags]
    check("there is one parent", len(parents) == 1, len(parents))
    parent = parents[0]
    children = {found.info.run_name: found for found in runs if found is not parent}
    scores = ["after@cot", "after@vanilla", "teacher-score@cot", "teacher-score@vanilla"]
    check("and a child for each instance with scores", sorted(children) == scores, sorted(children))
    owners = {child.data.tags["mlflow.parentRunId"] for child in children.values()}
    check("whose parent it is", owners == {parent.info.run_id}, owners)
    tags = parent.data.tags
    check("the commit is there", tags["mlflow.source.git.commit"] == project.commit, tags)
    check("the run's id is there", tags["distill.run_id"] == run, tags)
    check("parameters are there", parent.data.params.get("rows") == "12", parent.data.params)
    check("it is finished", parent.info.status == "FINISHED", parent.info.status)
    shown = project.tool("show", run, "after@cot", "--json")
    figure = json.loads(shown.output)["metrics"]["accuracy"]["figures"]["all"]
    found = children["after@cot"].data.metrics
    for suffix, member in [("", "value"), ("_low", "low"), ("_high", "high")]:
        name = f"accuracy.all{suffix}"
        check(f"{name} is the figure of the run", math.isclose(found[name], figure[member]), found)
    check("the parent has it too", parent.data.metrics["after/cot/accuracy.all"] == figure["value"])
    money = [name for name in ("cost_usd", "prompt_tokens", "completion_tokens") if name not in found]
    check("cost and tokens are there", money == [], money)
    datasets = {item.dataset.name: item.dataset for item in parent.inputs.dataset_inputs}
    check("data files are inputs", "data/arithmetic-train.jsonl" in datasets, sorted(datasets))
    record = json.loads(project.tool("show", run, "--json").output)
    digests = [file["sha256"] for file in record["files"]]
    whole = {json.loads(dataset.source)["sha256"] for dataset in datasets.values()}
    check("with their digests", whole == set(digests), whole)
    tables = client.list_artifacts(parent.info.run_id, "tables/table")
    names = sorted(os.path.basename(item.path) for item in tables)
    check("tables are artifacts", names == ["table.csv", "table.json", "table.md"], names)
    path = client.download_artifacts(parent.info.run_id, "tables/table/table.md", folder)
    written = project.tool("get", run, "table", "--part", "table.md").output
    with open(path) as file:
        check("with the bytes of the run", file.read() == written)

    before = snapshot(client, experiment)
    again = project.tool("export", run, "--mlflow", url, "--json")
    check("logging it again says that it was there", again.summary.get("was_there") is True, again)
    check("and changes nothing at all", snapshot(client, experiment) == before)

    failing = project.tool("run", "failing.yaml", "--mlflow", url, "--experiment", "others", "--json")
    check("a run that fails is logged too", failing.status == 1 and "warning" not in failing.error, failing)
    other = client.get_experiment_by_name("others")
    states = [found.info.status for found in client.search_runs([other.experiment_id])]
    check("as failed, in the experiment that was named", states == ["FAILED"], states)

    long = "x" * 9000
    wide = project.tool("run", "wide.yaml", "--mlflow", url, "--set", f"note={long}")
    check("a long parameter does not stop it", wide.status == 0 and "warning" not in wide.error, wide)
    found = client.search_runs([client.get_experiment_by_name("wide").experiment_id])[0]
    check("it is shortened, and a tag says so", len(found.data.params["note"]) < 250, found.data.params)
    check("the tag names it", found.data.tags.get("distill.shortened") == "note", found.data.tags)

    client.delete_experiment(other.experiment_id)
    deleted = project.tool("export", "last", "--mlflow", url, "--experiment", "others")
    check("a deleted experiment is named", "deleted on the server" in deleted.error, deleted)
    wrong = project.tool("export", run, "--mlflow", f"{url}/nowhere")
    check("an address that is no server's fails", wrong.status == 1, wrong)


project = ExportedProject(f"{folder}/project")
project.file(
    "wide.yaml",
    'workflow: wide\nparameters: {note: short}\nnodes:\n  n: {kind: command, run: [sh, -c, "echo ok > out"], '
    'outputs: {out: out}, env: {NOTE: "${note}"}}\n',
)
try:
    wait_for(urllib.parse.urljoin(url, "/health"), server)
    judge(MlflowClient(tracking_uri=url), project)
finally:
    stop(server)
dead = project.tool("run", "small.yaml", "--mlflow", url, "--json")
check("a server that is gone does not fail the run", dead.status == 0, dead)
check("it is told of, and how to try again", dead.error.count("warning") == 1, dead)

verdict()
