"""What the peers share: a project with rows, the tool as a user runs it, checks that are counted.

A peer makes a `Project` against some server that others wrote, runs the tool, and compares what the
tool says with what the server's own log says. `verdict()` ends it: `N passed, N failed`.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

passed = 0
failed = 0


def check(what, holds, found=""):
    """Counts and prints one check."""
    global passed, failed
    if holds:
        passed += 1
        print(f"ok      {what}", flush=True)
    else:
        failed += 1
        print(f"FAILED  {what}: {found}", flush=True)


def verdict():
    """Prints the count and ends the peer; with 0 only if nothing failed."""
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


class Result:
    """What one command of the tool came to."""

    def __init__(self, process, output, error):
        self.status = process.returncode
        self.output = output
        self.error = error

    @property
    def events(self):
        return [json.loads(line) for line in self.output.splitlines()]

    @property
    def summary(self):
        """The last line of `--json`; empty where the command printed none."""
        return self.events[-1] if self.output.strip() else {}

    def calls(self, name):
        return self.summary.get("calls", {}).get(name)

    def __str__(self):
        return f"exit {self.status}\n{self.output[-2000:]}\n{self.error[-2000:]}"


class Project:
    """A folder with rows and a workflow that asks one model about each of them."""

    def __init__(self, folder, rows):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/rows.jsonl", "w") as file:
            for number in range(rows):
                row = {
                    "id": f"row-{number}",
                    "question": f"Tom has {number} apples and buys 2 more. How many has he now?",
                    "label": str(number + 2),
                }
                file.write(json.dumps(row) + "\n")

    def write(self, url, model, name="w", fields="", concurrency=4, top="", generate=""):
        """Writes a workflow; `fields` stand in the model, `top` at the top, `generate` in the node."""
        lines = f"""workflow: {name}
{top}
models:
  teacher:
    base_url: "{url}"
    model: {model}
    revision: "1"
    limits: {{concurrency: {concurrency}}}
    {fields}
nodes:
  rows: {{kind: dataset, format: jsonl, path: rows.jsonl}}
  answers: {{kind: generate, model: teacher, template: math/cot, data: rows{generate}}}
  labels: {{kind: parse, completions: answers}}
"""
        with open(f"{self.folder}/{name}.yaml", "w") as file:
            file.write(lines)

    def start(self, *arguments, env={}):
        """Starts the tool; its streams go to files, so that no pipe fills up."""
        out, err = (open(f"{self.folder}/{name}", "w+") for name in ("out", "err"))
        process = subprocess.Popen(
            [os.environ["DISTILL"], *arguments],
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1", **env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        return process, out, err

    def finish(self, started, timeout=120):
        """Waits for the tool. One that hangs is ended, and its status is None."""
        process, out, err = started
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            process.returncode = None
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
            file.close()
        return Result(process, *texts)

    def run(self, *arguments, env={}, timeout=120):
        return self.finish(self.start(*arguments, env=env), timeout)

    def ask(self, sql, cache="cache"):
        """The rows of a query to the ledger, which docs/store.md describes."""
        database = sqlite3.connect(f"file:{self.folder}/{cache}/ledger.sqlite?mode=ro", uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def outcomes(self, cache="cache"):
        """How many attempts ended how."""
        return dict(self.ask("SELECT outcome, count(*) FROM attempts GROUP BY outcome", cache))

    def recorded(self, cache="cache"):
        """How many calls have an answer."""
        return self.ask("SELECT count(DISTINCT id / 1048576) FROM answers", cache)[0][0]

    def spent(self, name="w", cache="cache"):
        """What a workflow's account holds, settled and reserved, in billionths of a US dollar."""
        sql = f"SELECT settled_nanos + reserved_nanos FROM accounts WHERE name = '{name}'"
        return self.ask(sql, cache)[0][0]


def wait_for(url, process, seconds=120):
    """Waits until a server answers at a URL, whatever it answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"error: the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"error: nothing answers at {url}")


def stop(process, how=signal.SIGTERM):
    """Ends a server that this peer started."""
    if process.poll() is None:
        process.send_signal(how)
        process.wait()
