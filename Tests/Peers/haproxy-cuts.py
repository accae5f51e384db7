"""What the tool makes of haproxy in front of a toll server; started by haproxy-cuts.sh."""

import collections
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

from peer import Project, check, stop, verdict

folder = sys.argv[1]
port = 13000 + os.getpid() % 2000
seed = int(os.environ.get("PEER_SEED", random.randrange(1_000_000)))
print(f"PEER_SEED={seed}")
moments = random.Random(seed)

PRICE = "price: {input: 2.5, output: 10}"
servers = []


class Toll:
    """A toll server with a ledger of its own: the witness of what arrived and what was charged."""

    def __init__(self, name, *options):
        self.ledger = f"{folder}/{name}-toll.jsonl"
        self.process = subprocess.Popen(
            [os.environ["TOLL_SERVER"], "--port", "0", "--ledger", self.ledger, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        servers.append(self.process)
        self.url = self.process.stdout.readline().strip()
        self.address = self.url.removeprefix("http://").removesuffix("/v1")

    def requests(self):
        """Every chat request, in order of arrival."""
        with open(self.ledger) as file:
            records = [json.loads(line) for line in file]
        return [record for record in records if record.get("endpoint") == "chat"]

    def charges(self):
        """How often each call was charged, by idempotency key."""
        return collections.Counter(r["key"] for r in self.requests() if r["charged"])

    def cost(self):
        """What all charges come to at the workflow's price, in billionths of a US dollar."""
        return sum(
            2500 * record.get("prompt_tokens", 0) + 10_000 * record.get("completion_tokens", 0)
            for record in self.requests()
            if record["charged"]
        )


class Proxy:
    """A haproxy in front of one server; `rules` stand in its only proxy."""

    def __init__(self, name, toll, *rules):
        self.admin = f"{folder}/{name}.admin"
        self.config = f"{folder}/{name}.cfg"
        lines = "\n  ".join(rules)
        with open(self.config, "w") as file:
            file.write(f"""
global
  maxconn 1000
  stats socket {self.admin} level admin
defaults
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen toll
  bind 127.0.0.1:{port}
  server one {toll.address}
  {lines}
""")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["haproxy", "-db", "-f", self.config], stderr=open(f"{self.config}.log", "a")
        )
        servers.append(self.process)
        for _ in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.01)
        raise SystemExit("error: haproxy does not listen")

    def restart(self):
        stop(self.process, signal.SIGKILL)
        servers.remove(self.process)
        self.start()

    def cut(self):
        """Closes every connection that now goes through to the server."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(self.admin)
            admin.sendall(b"shutdown sessions server toll/one\n")
            admin.recv(1000)


class Trouble:
    """Does something to a proxy at random moments until it is told to stop."""

    def __init__(self, action, least, most):
        self.count = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.trouble, args=(action, least, most))
        self.thread.start()

    def trouble(self, action, least, most):
        while not self.over.wait(moments.uniform(least, most)):
            action()
            self.count += 1

    def end(self):
        self.over.set()
        self.thread.join()


def project(name, rows, top="", limits=""):
    made = Project(f"{folder}/{name}-project", rows)
    made.write(
        f"http://127.0.0.1:{port}/v1", "toll", fields=PRICE, top=top, concurrency=f"16{limits}"
    )
    return made


def run_to_the_end(made):
    """Runs until the workflow is done; with the last result."""
    for _ in range(40):
        result = made.run("run", "w.yaml", "--json")
        if result.status == 0:
            break
    return result


def account(name, made, toll, rows, result, resent=0):
    """Holds the tool's ledger against the server's, when every row has its answer."""
    outcomes = made.outcomes()
    charges = toll.charges()
    arrived = collections.Counter(record["key"] for record in toll.requests())
    attempts = outcomes["answered"] + outcomes.get("lost", 0)
    again = sum(charges.values()) - rows
    print(
        f"        {name}: {rows} calls, {outcomes}, {sum(arrived.values())} requests arrived,"
        f" {sum(charges.values())} charges"
    )
    whole = result.status == 0 and made.recorded() == rows
    check(f"{name}: every row has its answer", whole, result)
    check("each was charged", len(charges) == rows, len(charges))
    check("something was cut", outcomes.get("lost", 0) > 0, outcomes)
    check(
        "whatever arrived is an attempt that may have been charged",
        sum(arrived.values()) <= attempts,
        (sum(arrived.values()), outcomes),
    )
    check(
        "charges beyond one a call are attempts without an answer",
        again <= outcomes.get("lost", 0),
        (again, outcomes),
    )
    spent = made.spent()
    check("the ledger has at least what was charged", spent >= toll.cost(), (spent, toll.cost()))
    before = len(toll.requests())
    result = made.run("run", "w.yaml", "--json")
    check("a further run sends nothing", len(toll.requests()) == before, result)


def rig(name, options, rules):
    """A toll server behind a proxy; those of the case before are ended."""
    while servers:
        stop(servers.pop(), signal.SIGKILL)
    toll = Toll(name, *options)
    return toll, Proxy(name, toll, *rules)


try:
    ROWS = 300

    # Connections closed amid calls, at moments that have nothing to do with the calls.
    toll, proxy = rig("cut", ["--latency", "50-150"], ["mode tcp"])
    made = project("cut", ROWS, top="in_doubt: resend")
    trouble = Trouble(proxy.cut, 0.1, 0.5)
    result = run_to_the_end(made)
    trouble.end()
    check("sessions were shut down", trouble.count > 3, trouble.count)
    account("cut", made, toll, ROWS, result)

    # The proxy itself is killed; for a while nothing listens.
    toll, proxy = rig("killed", ["--latency", "50-150"], ["mode http"])
    made = project("killed", ROWS, top="in_doubt: resend")
    trouble = Trouble(proxy.restart, 0.3, 0.9)
    result = run_to_the_end(made)
    trouble.end()
    check("the proxy was killed", trouble.count > 1, trouble.count)
    account("killed", made, toll, ROWS, result)

    # Answers that the proxy throws away: the server charged, the client sees 502.
    toll, proxy = rig(
        "denied", [], ["mode http", "http-response deny deny_status 502 if { rand(5) eq 0 }"]
    )
    made = project("denied", ROWS, top="in_doubt: resend")
    account("denied", made, toll, ROWS, run_to_the_end(made))

    # Connections that are gone without a word: no FIN, no RST.
    toll, proxy = rig("silent", [], ["mode http", "http-response silent-drop if { rand(8) eq 0 }"])
    made = project("silent", 60, top="in_doubt: resend", limits=", timeout: 3s")
    account("silent", made, toll, 60, run_to_the_end(made))

    # A proxy that waits for less long than every answer takes. Each call is charged, the client
    # hears 504 or nothing: sent once more, ever, and then a matter for the user.
    for mode in ["http", "tcp"]:
        for policy, sendings in [("", 2), ("in_doubt: ask", 1)]:
            name = f"impatient-{mode}-{sendings}"
            toll, proxy = rig(name, ["--latency", "900"], [f"mode {mode}", "timeout server 300ms"])
            made = project(name, 10, top=policy)
            result = made.run("run", "w.yaml", "--json")
            check(f"{name}: the run fails", result.status == 1, result)
            check("all are in doubt", result.calls("in_doubt") == 10, result)
            time.sleep(1)
            counts = collections.Counter(toll.charges().values())
            check(f"each was charged {sendings} times", counts == {sendings: 10}, counts)
            result = made.run("run", "w.yaml", "--json")
            time.sleep(1)
            again = collections.Counter(toll.charges().values())
            check("a further run does not send them", again == counts, again)
            result = made.run("calls", "list", "--state", "in-doubt", "--json")
            check("the tool lists them", len(result.summary["calls"]) == 10, result)
            spent = made.spent()
            check("and counts them as paid", spent >= toll.cost() > 0, (spent, toll.cost()))

    # A proxy that resends a POST by itself, which no client can see: only the key helps.
    rules = ["mode http", "retries 3", "retry-on all-retryable-errors"]
    fault = json.dumps({"every": {"5": "close-after-charge"}})
    for keys in ["ignore", "honour"]:
        toll, proxy = rig(f"resending-{keys}", ["--faults", fault, "--keys", keys], rules)
        made = project(f"resending-{keys}", 100)
        result = made.run("run", "w.yaml", "--json")
        sent, arrived = sum(made.outcomes().values()), len(toll.requests())
        check(f"resending, {keys}: every row has its answer", made.recorded() == 100, result)
        check("the proxy sent more than the tool", arrived > sent, (arrived, sent))
        total = sum(toll.charges().values())
        if keys == "honour":
            check("a server that honours keys charges each call once", total == 100, total)
        else:
            found = (total, arrived)
            check("one that ignores keys charges what was resent", total == arrived > 100, found)
finally:
    for server in servers:
        stop(server, signal.SIGKILL)
verdict()
