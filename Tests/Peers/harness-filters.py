"""The filters of published harnesses beside the tool's readings; started by harness-filters.sh."""

import importlib.util
import json
import os
import random
import re
import subprocess
import sys

import lm_eval
import yaml
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.filters.extraction import MultiChoiceRegexFilter, RegexFilter

from peer import check, verdict
from recorded import completions

INVALID = "[invalid]"
TASKS = os.path.join(os.path.dirname(lm_eval.__file__), "tasks")


# What lm_eval's own task files say


class Loader(yaml.SafeLoader):
    """Reads the task files, which name Python functions by a tag."""


Loader.add_constructor("!function", lambda loader, node: node.value)


class Task:
    """A filter of a task of lm_eval, with the task's metric."""

    def __init__(self, path, name):
        with open(os.path.join(TASKS, path)) as file:
            task = yaml.load(file, Loader)
        steps = next(f for f in task["filter_list"] if f["name"] == name)["filter"]
        options = dict(steps[0])
        kinds = {"regex": RegexFilter, "multi_choice_regex": MultiChoiceRegexFilter}
        self.filter = kinds[options.pop("function")](**options)
        metric = dict(task["metric_list"][0])
        wanted = ("regexes_to_ignore", "ignore_case", "ignore_punctuation")
        self.metric = {key: metric[key] for key in wanted if key in metric}

    def read(self, rows):
        texts, documents = [[row.text] for row in rows], [{"choices": row.choices} for row in rows]
        found = [answers[0] for answers in self.filter.apply(texts, documents)]
        return [None if answer == INVALID else answer for answer in found]

    def right(self, row, found):
        match = exact_match_hf_evaluate([found], [self.gold(row)], **self.metric)
        return bool(match["exact_match"])

    def gold(self, row):
        return row.label


class ChoiceTask(Task):
    """A task whose right answers are letters in brackets."""

    def gold(self, row):
        return f"({letter(row)})"


class LetterTask(Task):
    def gold(self, row):
        return letter(row)


def letter(row):
    """The letter of the right choice, which some sets give as its text."""
    if not re.fullmatch("[A-Z]", row.label or "") and row.choices.count(row.label) == 1:
        return chr(ord("A") + row.choices.index(row.label))
    return row.label


# What harnesses do that are no packages, by the patterns that they publish


class Rule:
    """A way of finding an answer, compared as it is."""

    def __init__(self, read, same=lambda found, gold: found == gold, gold=lambda row: row.label):
        self.read = lambda rows: [read(row.text) or None for row in rows]
        self.right = lambda row, found: same(found, gold(row))


def grade_school_math(text):
    match = re.search(r"#### (\-?[0-9\.\,]+)", text)
    return match and match[1].strip().replace(",", "")


def cleansing(pattern, few_shot, commas):
    """`answer_cleansing` of zero_shot_cot."""

    def read(text):
        pieces = text.split("The answer is") if few_shot else [text]
        piece = pieces[-1].replace(",", "") if commas else pieces[-1]
        found = re.findall(pattern, piece)
        if not found:
            return None
        hit = found[-1] if few_shot and len(pieces) == 1 else found[0]
        return hit[:-1] if hit.endswith(".") else hit

    return read


LETTERS, NUMBERS = "A|B|C|D|E", r"-?\d+\.?\d*"


def last_box(text):
    """`search_boxed` of NeMo-Skills."""
    start = text.rfind(r"\boxed")
    if start < 0:
        return None
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if text[place] == "}" and depth == 0:
            boxed = text[start : place + 1]
            return boxed[len(r"\boxed{") : -1] if boxed.startswith(r"\boxed{") else None
    return None


def boxed(text):
    """`extract_answer` of NeMo-Skills with `relaxed`."""
    box = last_box(text)
    if box:
        return box
    found = re.findall(r"The final answer is (.+)$", text)
    return found[-1] if found else None


FOREIGN = dict(zip("أبجدঅবডঢＡＢＣＤ", "ABCD" * 3))


def boxed_letter(text):
    """`extract_letter` of the multiple-choice evaluator of NeMo-Skills."""
    answer = boxed(text)
    if answer is not None:
        answer = "".join(f" {FOREIGN[c]}" if c in FOREIGN else c for c in answer).strip()
        if len(answer) == 1:
            return answer.upper()
        alone = re.findall(r"\b[A-Z]\b(?!.*\b[A-Z]\b)", answer, re.DOTALL)
        if alone:
            return alone[-1].strip().upper()
    colon = r"(?i)[\*\_]{0,2}Answer[\*\_]{0,2}\s*:[\s\*\_]{0,2}\s*([A-Z])(?![a-zA-Z0-9])"
    found = re.findall(colon, text)
    return found[-1].strip().upper() if found else None


def inspect_rule(name, gold=lambda row: row.label):
    """Inspect's `pattern` scorer with one of its own patterns."""
    path = os.path.join(os.environ["INSPECT"], "inspect_ai/_util/pattern.py")
    spec = importlib.util.spec_from_file_location("inspect_pattern", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pattern = getattr(module, name)

    def read(text):
        match = re.search(pattern, text, re.IGNORECASE)
        return match and match.groups()[0]

    return Rule(read, lambda found, right: found.lower() == right.lower(), gold)


HARNESSES = {
    "few-shot-cot-choice": Rule(cleansing(LETTERS, True, False), gold=letter),
    "few-shot-cot-number": Rule(cleansing(NUMBERS, True, True)),
    "grade-school-math": Rule(
        grade_school_math, gold=lambda row: grade_school_math(f"#### {row.label}") or row.label
    ),
    "inspect-answer-letter": inspect_rule("ANSWER_PATTERN_LETTER", letter),
    "inspect-answer-line": inspect_rule("ANSWER_PATTERN_LINE"),
    "inspect-answer-word": inspect_rule("ANSWER_PATTERN_WORD"),
    "lm-eval-gsm8k-cot-strict": Task("gsm8k/gsm8k-cot.yaml", "strict-match"),
    "lm-eval-gsm8k-flexible": Task("gsm8k/gsm8k.yaml", "flexible-extract"),
    "lm-eval-gsm8k-strict": Task("gsm8k/gsm8k.yaml", "strict-match"),
    "lm-eval-mmlu-pro": LetterTask("mmlu_pro/_default_template_yaml", "custom-extract"),
    "lm-eval-multiple-choice": ChoiceTask(
        "mmlu/flan_cot_zeroshot/_mmlu_flan_cot_zeroshot_template_yaml", "flexible-extract"
    ),
    # Its comparison is a computer-algebra system's; what is found is compared here.
    "nemo-skills-boxed": Rule(boxed),
    "nemo-skills-letter": Rule(boxed_letter, gold=letter),
    "zero-shot-cot-choice": Rule(cleansing(LETTERS, False, False), gold=letter),
    "zero-shot-cot-number": Rule(cleansing(NUMBERS, False, True)),
}
UNCOMPARED = {"nemo-skills-boxed"}


# Texts made of pieces, to meet what no model has written yet

PIECES = """#### 18|#### -1,450.|#### |The answer is |the answer is|42|42.|$42.|-3|5-3|...|. |, |(A)|(B|C)|(Z)
 A |: B|:\tC|answer is (D)|answer is \\(E|\\boxed{|\\boxed {7}|}|{|The final answer is 5|The final answer is
ANSWER: B|Answer: yes.|aNſWER : no |ANSWER:|ANSWER: it is so|**Answer**: **C**|_Answer_: D1|\n|\n\n|\x1c|\u2028
٣|½|²|\u00a0|K|ſ|İ|zoo|oak tree|pond!|the zoo's|é|e\u0301|Σ|  |1,2,3|.5|-|--7|$|0.0.0|Q: |ａ|Ａ|ব""".replace("\n", "|")
PIECES = [piece.replace("\\n", "\n") for piece in PIECES.split("|")] + ["\n", "\r\n", "\t"]


def invented(known, count, seed=1):
    """Texts of random pieces, and recorded ones cut, doubled and mixed."""
    chance = random.Random(seed)
    for number in range(count):
        if number % 2:
            text = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 12)))
            choices = [["zoo", "pond", "oak tree", "oak"], ["A", "zoo's", ""], []][number % 3]
        else:
            one, other = chance.choice(known), chance.choice(known)
            cut = chance.randint(0, len(one.text))
            text = one.text[:cut] + chance.choice(PIECES) + other.text[-chance.randint(1, 200) :]
            choices = one.choices
        yield text, choices


def rows(data):
    known = list(completions(data))
    print(f"{len(known)} recorded completions", flush=True)
    whole = list(known)
    for text, choices in invented(known, 20000):
        whole.append(type(known[0])("invented", str(len(whole)), text, None, choices))
    return whole


# The tool


def workflow(names):
    return f"""workflow: harnesses
matrix: {{form: [{", ".join(names)}]}}
nodes:
  rows: {{kind: dataset, format: jsonl, path: rows.jsonl}}
  answers: {{kind: import-completions, data: rows, format: jsonl, path: answers.jsonl, id: id}}
  scores: {{kind: evaluate, of: answers, as: "${{form}}"}}
"""


def tool(folder, *arguments):
    command = [os.environ["DISTILL"], *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode != 0:
        check(" ".join(arguments), False, result.stdout[-2000:] + result.stderr[-2000:])
        verdict()
    return result.stdout


def read_by_tool(folder, whole):
    """What the tool reads in each text, by the name of the reading."""
    os.makedirs(folder)
    with open(f"{folder}/rows.jsonl", "w") as file, open(f"{folder}/answers.jsonl", "w") as texts:
        for number, row in enumerate(whole):
            entry = {"id": str(number), "choices": row.choices}
            if row.label is not None:
                entry["label"] = row.label
            file.write(json.dumps(entry) + "\n")
            texts.write(json.dumps({"id": str(number), "text": row.text}) + "\n")
    with open(f"{folder}/harnesses.yaml", "w") as file:
        file.write(workflow(HARNESSES))
    tool(folder, "run", "harnesses.yaml")
    for name in HARNESSES:
        lines = tool(folder, "get", "last", f"scores@{name}", "--part", "rows").split("\n")
        yield name, [json.loads(line) for line in lines if line]


data, folder = sys.argv[1:]
whole = rows(data)
for name, results in read_by_tool(f"{folder}/harnesses", whole):
    harness = HARNESSES[name]
    found = harness.read(whole)
    pairs = list(zip(whole, found, results))
    check(f"{name}: a result for each text", len(results) == len(whole), len(results))
    other = [(row.source, row.name, mine, result["got"]) for row, mine, result in pairs
             if mine != result["got"]]
    read = sum(1 for value in found if value is not None)
    check(f"{name}: the same answer in {len(whole)} texts, {read} with one", not other, other[:10])
    if name in UNCOMPARED:
        continue
    judged = [(row, mine, result) for row, mine, result in pairs if row.label is not None]
    other = [(row.source, row.name, mine, row.label, result["state"]) for row, mine, result in judged
             if (mine is not None and harness.right(row, mine)) != (result["state"] == "correct")]
    right = sum(1 for _, _, result in judged if result["state"] == "correct")
    check(f"{name}: the same verdict on {len(judged)} rows, {right} right", not other, other[:10])
verdict()
