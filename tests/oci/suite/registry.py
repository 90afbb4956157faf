# SPDX-License-Identifier: Apache-2.0
"""The cases and the rules of the specification that each of them checks."""

import importlib
import pathlib
import sys
from dataclasses import dataclass
from typing import Callable

HERE = pathlib.Path(__file__).resolve().parent.parent
all_cases: dict = {}


class Failed(AssertionError):
    """The runtime did something else than the rule says."""


class Skipped(Exception):
    """The case cannot be tried in this machine, and why."""


@dataclass(frozen=True)
class Case:
    name: str             # topic.words
    rules: tuple          # ids of rules.txt
    run: Callable         # takes a Box
    own_pids: bool = True  # runs as PID 1 of a pid namespace of its own
    seconds: int = 20


def add(topic, name, rules, run, **more):
    """Adds a case; topic is the name of the file it is in."""
    full = f"{topic.rsplit('.', 1)[-1]}.{name}"
    if full in all_cases:
        raise ValueError(f"two cases are called {full}")
    all_cases[full] = Case(full, tuple(rules), run, **more)


def case(*rules, **more):
    """The function below is a case for these rules; it raises Failed or Skipped, or passes."""
    def register(function):
        add(function.__module__, function.__name__, rules, function, **more)
        return function
    return register


def load():
    """All cases by name, in the order of the files."""
    sys.path.insert(0, str(HERE / "cases"))
    for path in sorted((HERE / "cases").glob("*.py")):
        importlib.import_module(path.stem)
    return all_cases


def rules():
    """The lines of rules.txt: id -> (section, words)."""
    found = {}
    for number, line in enumerate((HERE / "rules.txt").read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts) or parts[0] in found:
            raise ValueError(f"rules.txt:{number}: not 'id | section | words' with an id of its own: {line}")
        found[parts[0]] = (parts[1], parts[2])
    return found


def not_yet():
    """The cases that podsd-runtime is known to fail: name -> reason."""
    lines = (HERE / "not-yet.txt").read_text().splitlines()
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


def problems():
    """What is wrong with the suite itself: a rule that no case checks, a name that nothing has."""
    known, cases = rules(), load()
    used = {rule for case in cases.values() for rule in case.rules}
    return ([f"no case checks the rule {rule}" for rule in known if rule not in used] +
            [f"{case.name} names the rule {rule}, which is none" for case in cases.values()
             for rule in case.rules if rule not in known] +
            [f"{case.name} names no rule" for case in cases.values() if not case.rules] +
            [f"not-yet.txt names the case {name}, which is none" for name in not_yet() if name not in cases])
