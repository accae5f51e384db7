"""What the peers of exports share: a project in git like the quickstart, small enough to run at once."""

import os
import shutil
import subprocess

from peer import Project

WORKFLOW = """workflow: small
parameters: {rows: 12}
models:
  teacher: {embedded: tiny-teacher}
  student: {embedded: tiny-student}
matrix:
  style: [vanilla, cot]
nodes:
  train: {kind: dataset, format: jsonl, path: data/arithmetic-train.jsonl, limit: "${rows}"}
  test: {kind: dataset, format: jsonl, path: data/arithmetic-test.jsonl, limit: 12}
  prompt: {kind: select-template, use: "math/${style}"}
  answers: {kind: generate, model: teacher, template: prompt, data: train}
  labels: {kind: parse, completions: answers}
  training: {kind: substitute-labels, data: train, labels: labels, template: math/vanilla}
  distilled: {kind: fine-tune, model: student, data: training, epochs: 1, learning_rate: 1e-3}
  teacher-score: {kind: evaluate, model: teacher, template: prompt, data: test}
  after: {kind: evaluate, model: distilled, template: math/vanilla, data: test}
  table:
    kind: table
    rows: style
    columns: {teacher: teacher-score, student: after}
"""

FAILING = """workflow: "fails </script> & more"
nodes:
  good: {kind: command, run: [sh, -c, "echo yes > out"], outputs: {out: out}}
  bad: {kind: command, run: [sh, -c, "exit 3"], outputs: {out: out}}
  after: {kind: command, run: [cat], inputs: {x: bad}, outputs: {out: out}}
"""


class ExportedProject(Project):
    """A repository with one commit: the workflow `small.yaml`, its data and templates."""

    def __init__(self, folder):
        super().__init__(folder, 0)
        share = os.environ["DISTILL_SHARE"]
        for name in ["data", "templates"]:
            shutil.copytree(f"{share}/{name}", f"{folder}/{name}")
        self.file("small.yaml", WORKFLOW)
        self.file("failing.yaml", FAILING)
        self.git("init", "-q")
        self.git("add", "small.yaml", "failing.yaml", "data", "templates")
        self.git("commit", "-q", "-m", "Begin")
        self.commit = self.git("rev-parse", "HEAD")

    def file(self, name, text):
        with open(f"{self.folder}/{name}", "w") as file:
            file.write(text)

    def git(self, *arguments):
        identity = ["-c", "user.name=peer", "-c", "user.email=peer@localhost"]
        return subprocess.check_output(
            ["git", *identity, *arguments], cwd=self.folder, text=True
        ).strip()

    def tool(self, command, *arguments, env={}, timeout=600):
        """Runs a command of the tool on the project's cache."""
        return self.run(command, *arguments, "--cache", "cache", env=env, timeout=timeout)
