"""What rocrate-validator says of the tool's crates; started by rocrate-validator.sh, in whose folder it works."""

import filecmp
import hashlib
import io
import json
import os
import sys
import urllib.request

import requests
import rocrate
import urllib3
from rocrate_validator import models, services

from exported import ExportedProject
from peer import check, verdict

folder = sys.argv[1]

CRATE = "https://w3id.org/ro/crate/1.1/context"
RUN = "https://w3id.org/ro/terms/workflow-run/context"
RUN_TERMS = """ParameterConnection ContainerImage DockerImage SIFImage connection sourceParameter
targetParameter md5 sha1 sha256 sha512 environment registry tag containerImage resourceUsage""".split()


def stand_ins():
    """The two contexts: terms of a later RO-Crate, with those that have moved since put back."""
    path = os.path.join(os.path.dirname(rocrate.__file__), "data", "ro-crate.jsonld")
    with open(path) as file:
        terms = dict(json.load(file)["@context"])
    bioschemas = "https://bioschemas.org"
    terms["ComputationalWorkflow"] = f"{bioschemas}/ComputationalWorkflow"
    terms["FormalParameter"] = f"{bioschemas}/FormalParameter"
    terms["input"] = f"{bioschemas}/ComputationalWorkflow#input"
    terms["output"] = f"{bioschemas}/ComputationalWorkflow#output"
    run = {term: f"https://w3id.org/ro/terms/workflow-run#{term}" for term in RUN_TERMS}
    return {CRATE: {"@context": terms}, RUN: {"@context": run}}


def answer_here(documents):
    """Has requests for these addresses answered here, below every cache."""
    send = requests.adapters.HTTPAdapter.send

    def patched(adapter, request, *arguments, **options):
        if request.url not in documents:
            return send(adapter, request, *arguments, **options)
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(json.dumps(documents[request.url]).encode()),
            headers={"Content-Type": "application/ld+json"},
            status=200,
            preload_content=False,
            request_url=request.url,
        )
        return adapter.build_response(request, raw)

    requests.adapters.HTTPAdapter.send = patched


try:
    urllib.request.urlopen(CRATE, timeout=10)
except OSError:
    print("w3id.org cannot be reached: contexts are stand-ins")
    answer_here(stand_ins())


def issues(crate):
    """What the profile requires and the crate does not have."""
    settings = services.ValidationSettings.parse(
        {
            "rocrate_uri": crate,
            "profile_identifier": "provenance-run-crate-0.5",
            "requirement_severity": models.Severity.REQUIRED,
        }
    )
    result = services.validate(settings)
    return [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]


def graph(crate):
    with open(f"{crate}/ro-crate-metadata.json") as file:
        return {entity["@id"]: entity for entity in json.load(file)["@graph"]}


def wrong_files(crate, entities):
    """Files of the description that are not there, or other bytes than it says."""
    wrong = []
    for identifier, entity in entities.items():
        if "File" not in entity["@type"] or "sha256" not in entity:
            continue
        try:
            with open(f"{crate}/{identifier}", "rb") as file:
                found = hashlib.sha256(file.read()).hexdigest()
        except OSError as error:
            found = str(error)
        if found != entity["sha256"]:
            wrong.append(f"{identifier}: {found}")
    return wrong


def as_list(value):
    return value if isinstance(value, list) else [value]


def dangling(entities):
    """References inside of a crate to what it does not describe."""
    missing = []
    for entity in entities.values():
        for value in entity.values():
            for item in as_list(value):
                target = item.get("@id", "") if isinstance(item, dict) else ""
                if target and "://" not in target and target not in entities:
                    missing.append(target)
    return missing


def judge(what, project, name, *options, run="last"):
    """Bundles a run and has the crate judged; its graph."""
    crate = f"{project.folder}/{name}"
    result = project.tool("bundle", run, "-o", name, *options)
    check(f"{what}: bundled", result.status == 0, result)
    entities = graph(crate)
    found = issues(crate)
    check(f"{what}: the validator finds nothing required missing", found == [], found)
    wrong = wrong_files(crate, entities)
    check(f"{what}: every file is there with the bytes that it says", wrong == [], wrong)
    missing = dangling(entities)
    check(f"{what}: every reference leads somewhere", missing == [], missing)
    return entities


def same(left, right):
    """Whether two folders hold the same files with the same bytes."""
    comparison = filecmp.dircmp(left, right)
    if comparison.left_only or comparison.right_only or comparison.funny_files:
        return False
    _, differing, errors = filecmp.cmpfiles(left, right, comparison.common_files, shallow=False)
    if differing or errors:
        return False
    return all(same(f"{left}/{name}", f"{right}/{name}") for name in comparison.common_dirs)


project = ExportedProject(f"{folder}/project")
first = project.tool("run", "small.yaml", "--json")
check("the workflow runs", first.status == 0, first)
run = first.summary["id"]

entities = judge("a run", project, "crate")
workflow = entities[entities["./"]["mainEntity"]["@id"]]
check("the crate names the commit", workflow["version"] == project.commit, workflow)
actions = [entity for entity in entities.values() if entity["@type"] == "CreateAction"]
instances = first.summary["instances"]["total"]
check("each instance is an action", len(actions) == instances + 1, len(actions))

again = project.tool("bundle", run, "-o", "again")
check("bundled once more", again.status == 0, again)
check("it is the same to the byte", same(f"{project.folder}/crate", f"{project.folder}/again"))
over = project.tool("bundle", run, "-o", "crate")
check("a folder with something in it is left alone", over.status == 1, over)

bare = judge("without rows", project, "bare", "--without-rows", "--without-models")
left = [name for name in bare if name.endswith(("rows.jsonl", ".safetensors", "-train.jsonl"))]
check("no rows, no weights, no data files", left == [], left)

second = project.tool("run", "small.yaml", "--json")
check("a second run reuses everything", second.summary["instances"]["ran"] == 0, second)
reused = judge("a run that reused everything", project, "reused")
originals = [name for name in reused if name.startswith(f"#run/{run}/")]
check("its actions are those of the first run", len(originals) == instances, originals)
times = [entities[name].get("endTime") == reused[name].get("endTime") for name in originals]
check("and have its times", all(times), times)

with open(f"{project.folder}/small.yaml", "a") as file:
    file.write("# changed since\n")
judge("a run whose workflow changed since", project, "old", run=run)
with open(f"{project.folder}/old/files/small.yaml") as file:
    check("it has the workflow as it was", "changed since" not in file.read())

failing = project.tool("run", "failing.yaml", "--json")
check("a workflow fails", failing.summary.get("status") == "failed", failing)
entities = judge("a run that failed", project, "failed")
states = [entity["actionStatus"] for entity in entities.values() if "actionStatus" in entity]
failures = [state for state in states if state == "http://schema.org/FailedActionStatus"]
check("the run, the engine, the instance and its step failed", len(failures) == 4, states)
with open(f"{project.folder}/failed/ro-crate-metadata.json") as file:
    check("no text can end a script element", "<" not in file.read())

verdict()
