# SPDX-License-Identifier: Apache-2.0
"""The table of results, and what follows from it."""

OURS = "podsd-runtime"


def note(results):
    """Why a row is not all passes: the reasons, each once."""
    reasons = []
    for runtime, (word, why, _) in results.items():
        if word != "pass" and why:
            last = why.strip().splitlines()[-1][:100]
            reasons.append(last if word == "skip" else f"{runtime}: {last}")
    return "; ".join(dict.fromkeys(reasons))


def table(rows, runtimes, only_interesting):
    """Lines: one a case; rows is name -> runtime -> (word, why, seconds)."""
    width = max(len(name) for name in rows) + 2
    lines = ["".join([f"{'case':<{width}}"] + [f"{runtime:<15}" for runtime in runtimes]).rstrip()]
    for name, results in rows.items():
        if only_interesting and results.get(OURS, ("pass",))[0] == "pass":
            continue
        cells = "".join(f"{results.get(runtime, ('',))[0]:<15}" for runtime in runtimes)
        lines.append(f"{name:<{width}}{cells}{note(results)}".rstrip())
    return lines


def summary(rows, runtimes):
    lines = []
    for runtime in runtimes:
        words = [results[runtime][0] for results in rows.values() if runtime in results]
        lines.append(f"{runtime}: {words.count('pass')} passed, {words.count('FAIL')} failed, {words.count('skip')} skipped")
    return lines


def verdict(rows, not_yet):
    """What must not be: failures of ours that are not expected; without ours in the run, any failure."""
    wrong = []
    for name, results in rows.items():
        if OURS not in results:
            wrong += [f"{name} fails" for word, _, _ in results.values() if word == "FAIL"]
            continue
        word = results[OURS][0]
        if word == "FAIL" and name not in not_yet:
            better = [runtime for runtime, result in results.items() if result[0] == "pass"]
            wrong.append(f"{name} fails" + (f", and {' and '.join(better)} pass{'es' if len(better) == 1 else ''} it" if better else ""))
    return wrong


def outdated(rows, not_yet):
    """Cases that are expected to fail and do not."""
    return [f"note: {name} passes: take it out of not-yet.txt" for name, results in rows.items()
            if name in not_yet and results.get(OURS, ("",))[0] == "pass"]
