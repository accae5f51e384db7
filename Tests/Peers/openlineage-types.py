"""What openlineage-python's types say of the tool's events; started by openlineage-types.sh."""

import http.server
import json
import sys
import threading

from openlineage.client import event_v2 as types
from openlineage.client.generated import (
    base,
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
    source_code_location_job,
)
from openlineage.client.serde import Serde

from exported import ExportedProject
from peer import check, verdict

folder = sys.argv[1]
KEY = "openlineage-canary-key"

# Facets of the standard, by their keys.
FACETS = {
    "jobType": job_type_job.JobTypeJobFacet,
    "sourceCodeLocation": source_code_location_job.SourceCodeLocationJobFacet,
    "processing_engine": processing_engine_run.ProcessingEngineRunFacet,
    "errorMessage": error_message_run.ErrorMessageRunFacet,
    "version": dataset_version_dataset.DatasetVersionDatasetFacet,
    "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
}


def bare(facet):
    """A facet without what all facets have."""
    return {key: value for key, value in facet.items() if key not in ("_producer", "_schemaURL")}


def typed(key, facet):
    """A facet as the client's type; raises where a member is wrong, missing or unknown."""
    members = bare(facet)
    producer = {"producer": facet["_producer"]}
    if key == "parent":
        return parent_run.ParentRunFacet(
            run=parent_run.Run(**members["run"]),
            job=parent_run.Job(**members["job"]),
            root=parent_run.Root(
                run=parent_run.RootRun(**members["root"]["run"]),
                job=parent_run.RootJob(**members["root"]["job"]),
            ),
            **producer,
        )
    if key.startswith("distill_"):
        return base.RunFacet(**producer).with_additional_properties(**members)
    return FACETS[key](**members, **producer)


def facets(found):
    return {key: typed(key, facet) for key, facet in found.items()}


def datasets(found, kind, own):
    return [
        kind(
            namespace=dataset["namespace"],
            name=dataset["name"],
            facets=facets(dataset.get("facets", {})),
            **{own: facets(dataset.get(own, {}))},
        )
        for dataset in found
    ]


def through_types(event):
    """An event as the client would send it, made anew of the client's own types."""
    made = types.RunEvent(
        eventType=types.RunState[event["eventType"]],
        eventTime=event["eventTime"],
        producer=event["producer"],
        run=types.Run(runId=event["run"]["runId"], facets=facets(event["run"]["facets"])),
        job=types.Job(
            namespace=event["job"]["namespace"],
            name=event["job"]["name"],
            facets=facets(event["job"]["facets"]),
        ),
        inputs=datasets(event["inputs"], types.InputDataset, "inputFacets"),
        outputs=datasets(event["outputs"], types.OutputDataset, "outputFacets"),
    )
    return json.loads(Serde.to_json(made))


def without_empty(value):
    """Without the empty maps that the client adds to datasets."""
    if isinstance(value, dict):
        clean = {key: without_empty(member) for key, member in value.items()}
        return {key: member for key, member in clean.items() if member != {}}
    return [without_empty(member) for member in value] if isinstance(value, list) else value


def judge(what, events):
    """Every event passes the types and comes out of them as it went in."""
    wrong = []
    for event in events:
        try:
            back = through_types(event)
            if without_empty(back) != without_empty(event):
                wrong.append((event, back))
        except Exception as error:
            wrong.append((event["job"]["name"], repr(error)))
    check(f"{what}: {len(events)} events pass the client's types", events and not wrong, wrong[:1])


def ends(events):
    """The types of events by the run that they are of."""
    runs = {}
    for event in events:
        runs.setdefault(event["run"]["runId"], []).append(event["eventType"])
    return runs


def ids(events):
    return sorted((event["run"]["runId"], event["eventType"]) for event in events)


class Service(http.server.BaseHTTPRequestHandler):
    """Takes events and remembers them, and the header that came with each."""

    events = []
    headers_seen = set()
    status = 201

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Service.events.append((self.path, json.loads(body)))
        Service.headers_seen.add(self.headers.get("Authorization"))
        self.send_response(Service.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
key = {"OPENLINEAGE_API_KEY": KEY}

project = ExportedProject(f"{folder}/project")
live = project.tool("run", "small.yaml", "--openlineage", url, "--json", env=key)
check("a run tells of itself", live.status == 0 and live.error.count("warning") == 0, live)
total = live.summary["instances"]["total"]
sent = [event for _, event in Service.events]
judge("while it goes on", sent)
check("one START and one end for the run and each instance", len(sent) == 2 * (total + 1), len(sent))
good = all(sorted(found) == ["COMPLETE", "START"] for found in ends(sent).values())
check("each of them completed", good, ends(sent))
check("events go to the path that clients use", {path for path, _ in Service.events} == {"/api/v1/lineage"})
check("the key is sent as a bearer", Service.headers_seen == {f"Bearer {KEY}"}, Service.headers_seen)
commits = {
    event["job"]["facets"]["sourceCodeLocation"]["version"]
    for event in sent
}
check("each event names the commit", commits == {project.commit}, commits)
first = sent[0]
check("the run's START comes first", first["eventType"] == "START" and first["job"]["name"] == "small")
parents = {
    event["run"]["facets"]["parent"]["run"]["runId"]
    for event in sent
    if "parent" in event["run"]["facets"]
}
check("the run is the parent of all others", parents == {first["run"]["runId"]}, parents)
outputs = {(d["namespace"], d["name"]) for event in sent for d in event["outputs"]}
inputs = {(d["namespace"], d["name"]) for event in sent for d in event["inputs"]}
unknown = [name for name in inputs - outputs if name[0] == "distill"]
check("what goes in came out of something", unknown == [], unknown)
files = [name for space, name in inputs if space == "file"]
check("files are named by their place in the repository", "data/arithmetic-train.jsonl" in files, files)

Service.events.clear()
result = project.tool("export", "last", "--openlineage", url, env=key)
check("the record tells of the run", result.status == 0, result)
later = [event for _, event in Service.events]
judge("from the record", later)
check("they have the ids of those sent before", ids(later) == ids(sent))
result = project.tool("export", "last", "--openlineage", "events.jsonl", env=key)
with open(f"{project.folder}/events.jsonl") as file:
    written = [json.loads(line) for line in file]
check("a file gets the same", result.status == 0 and written == later, result)

result = project.tool("run", "small.yaml", "--openlineage", "reused.jsonl")
with open(f"{project.folder}/reused.jsonl") as file:
    reused = [json.loads(line) for line in file]
judge("a run that reused everything", reused)
states = {
    event["run"]["facets"]["distill_result"]["status"]
    for event in reused
    if "distill_result" in event["run"]["facets"]
}
check("and it says so", states == {"reused"}, states)

result = project.tool("run", "failing.yaml", "--openlineage", "failed.jsonl")
with open(f"{project.folder}/failed.jsonl") as file:
    failed = [json.loads(line) for line in file]
judge("a run that failed", failed)
found = sorted(
    (event["job"]["name"].rpartition("more.")[2], event["eventType"])
    for event in failed
    if event["eventType"] != "START"
)
expected = [("after", "ABORT"), ("bad", "FAIL"), ("fails </script> & more", "FAIL"), ("good", "COMPLETE")]
check("what failed, what never began and what succeeded are told apart", found == expected, found)

Service.status = 302
Service.events.clear()
result = project.tool("export", "last", "--openlineage", url, env=key)
check("a redirect is not followed", result.status == 1 and len(Service.events) == 1, result)
check("its message has no key", KEY not in result.error + result.output, result)
Service.status = 500
result = project.tool("run", "small.yaml", "--openlineage", url, env=key)
check("a service that fails does not fail the run", result.status == 0, result)
check("it is told of once, and how to send the rest", result.error.count("warning") == 2, result)
result = project.tool("run", "small.yaml", "--openlineage", "http://192.0.2.1/", env=key)
check("a key is not sent in the clear", result.status == 2 and KEY not in result.error, result)
server.shutdown()

verdict()
