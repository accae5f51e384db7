"""What the tool makes of LiteLLM's proxy; started by litellm-proxy.sh, in whose folder it works."""

import collections
import os
import re
import subprocess
import sys

from peer import Project, check, stop, verdict, wait_for

folder = sys.argv[1]
port = 7000 + os.getpid() % 2000
url = f"http://127.0.0.1:{port}/v1"
key = "sk-peer-litellm"


def model(name, answer="The answer is 7.", more=""):
    return (
        f"  - model_name: {name}\n"
        f"    litellm_params: {{model: openai/{name}, api_key: none,"
        f' mock_response: "{answer}"{more}}}\n'
    )


prices = ", input_cost_per_token: 0.0001, output_cost_per_token: 0.0001"
with open(f"{folder}/proxy.yaml", "w") as file:
    file.write(
        "model_list:\n"
        + model("good")
        + model("limited", more=", rpm: 5")
        + model("throttled", "litellm.RateLimitError")
        + model("broken", "litellm.InternalServerError")
        + model("long", "litellm.ContextWindowExceededError")
        + model("budgeted", more=f"{prices}, max_budget: 0.01, budget_duration: 1d")
        + "router_settings: {num_retries: 0, enable_pre_call_checks: true}\n"
        + "litellm_settings: {num_retries: 0, telemetry: false}\n"
        + f"general_settings: {{master_key: {key}}}\n"
    )

log = open(f"{folder}/proxy.log", "w+")
proxy = subprocess.Popen(
    [
        f"{os.path.dirname(sys.executable)}/litellm",
        *("--config", f"{folder}/proxy.yaml", "--host", "127.0.0.1", "--port", str(port)),
    ],
    # Without a network it would look for its list of prices three times.
    env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    stdout=log,
    stderr=log,
)


def statuses():
    """How often the proxy says it answered a chat request with each status."""
    text = open(f"{folder}/proxy.log").read()
    found = re.findall(r'"POST /v1/chat/completions HTTP/1.1" (\d+)', text)
    return collections.Counter(found)


def run(name, rows, fields="", *arguments):
    """Runs the tool on a model of the proxy; with what the proxy answered meanwhile.

    A rate limit that does not end is waited for five minutes before the run pauses.
    """
    project = Project(f"{folder}/{name}", rows)
    project.write(url, name, fields=f"api_key: {{env: PEER_KEY}}\n    {fields}")
    before = statuses()
    env = {"PEER_KEY": key}
    result = project.run("run", "w.yaml", "--json", *arguments, env=env, timeout=600)
    return project, result, statuses() - before


try:
    wait_for(f"http://127.0.0.1:{port}/health/liveliness", proxy)

    project, result, answered = run("good", 40, "price: {input: 1, output: 2}")
    check("40 rows are answered", result.status == 0 and result.calls("made") == 40, result)
    check("by 40 requests", answered == {"200": 40}, answered)
    # 10 prompt and 20 completion tokens each, by the proxy's own count.
    cost = 40 * (10 * 1 + 20 * 2) / 1_000_000
    check("their cost is what usage says", abs(result.summary["cost_usd"] - cost) < 1e-12, result)
    before = statuses()
    again = project.run("run", "w.yaml", "--json", env={"PEER_KEY": key})
    check("a second run sends nothing", again.status == 0 and statuses() == before, again)

    project, result, answered = run("long", 5)
    check("a context that is too long is each row's own outcome", answered == {"400": 5}, answered)
    check("which is kept and not asked again", project.outcomes() == {"rejected": 5}, result)
    again = project.run("run", "w.yaml", "--json", env={"PEER_KEY": key})
    check("nor by a second run", project.outcomes() == {"rejected": 5}, again)

    project, result, answered = run("broken", 2)
    outcomes = project.outcomes()
    check("an internal error fails the node", result.status == 1, result)
    check("after several attempts of each row", outcomes["declined"] >= 4, outcomes)
    check("as many as the proxy saw", answered == {"500": sum(outcomes.values())}, answered)
    check("none is in doubt", result.calls("in_doubt") == 0, result)

    project, result, answered = run("throttled", 2)
    outcomes = project.outcomes()
    check("a rate limit that does not end pauses the run", result.status == 4, result)
    check("each refusal is one attempt", answered == {"429": sum(outcomes.values())}, answered)

    project, result, answered = run("limited", 5)
    check("five a minute answers five", answered == {"200": 5}, answered)
    project, result, answered = run("limited", 8)
    check("three more wait for another minute", result.status == 0, result)
    check("and are answered once each", answered["200"] == 3, answered)
    declined = project.outcomes()["declined"]
    check("what was refused meanwhile is declined", declined == answered["429"], answered)

    # A budget of 0.01 USD at 0.003 a call; the proxy says 429 and speaks of a crossed budget.
    project, result, answered = run("budgeted", 12)
    check("a proxy's budget pauses the run", result.status == 4, result)
    check("its message reaches the user", "crossed budget" in result.output, result)
    check(
        "what was answered before is kept",
        project.outcomes().get("answered", 0) == answered["200"] > 0,
        (project.outcomes(), answered),
    )
    before = statuses()
    again = project.run("run", "w.yaml", "--json", env={"PEER_KEY": key}, timeout=20)
    check("and not asked again", (statuses() - before)["200"] == 0, again)

    project, result, answered = run("absent", 5)
    check("a model that there is not: no row has an answer", answered["200"] == 0, answered)
    check("and the message names it", "absent" in result.error + result.output, result)

    project = Project(f"{folder}/wrong", 5)
    project.write(url, "good", fields="api_key: {env: PEER_KEY}")
    result = project.run("run", "w.yaml", "--json", env={"PEER_KEY": "sk-canary-7351"})
    check("a wrong key: nothing is answered", project.outcomes().get("answered") is None, result)
    said = result.output + result.error
    check("and the key is not in what is said", "canary" not in said, result)
finally:
    stop(proxy)
verdict()
