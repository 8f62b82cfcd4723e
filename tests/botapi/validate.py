"""Judges a recorded trace by the typed models of aiogram, an implementation of its own.

Run by the Python of an environment that has aiogram and nothing of this project:
`python -P validate.py TRACE`, or without a trace to judge one after another: each line read from
standard input names a trace, each line written is `[passed, report]`.

Every request must be one of aiogram's methods, every update and every result one of its types; no
field may be unknown to it, and what is read must, written again, be exactly what was recorded (so a
number sent as text is found too). Prints how much was checked; exits 1 with the first failures and
their reasons. A trace without any line is wrong.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import types
import typing
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

methods: Any = importlib.import_module("aiogram.methods")
telegram_types: Any = importlib.import_module("aiogram.types")
Response: Any = importlib.import_module("aiogram.methods.base").Response

Json = dict[str, Any]

MOST_FAILURES = 5


class Wrong(Exception):
    """What a recorded line says is not the Bot API."""


def main() -> int:
    """Returns the exit code for the trace named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trace", type=Path, nargs="?")
    trace = parser.parse_args().trace
    if trace is None:
        return _serve()
    passed, report = verdict(trace)
    print(report)
    return 0 if passed else 1


def verdict(trace: Path) -> tuple[bool, str]:
    """Returns whether a trace is right, and the report with the first failures."""
    checked: Counter[str] = Counter()
    failures: list[str] = []
    for number, text in enumerate(trace.read_text(encoding="utf-8").splitlines(), 1):
        line = json.loads(text)
        checked[line["kind"]] += 1
        failures += (f"line {number}: {reason}" for reason in judged(line))
        if len(failures) >= MOST_FAILURES:
            break
    counts = ", ".join(f"{checked[kind]} {kind}s" for kind in CHECKS)
    report = [f"checked {counts}; {len(failures)} wrong", *failures]
    return bool(checked) and not failures, "\n".join(report)


def _serve() -> int:
    for path in sys.stdin:
        print(json.dumps(verdict(Path(path.rstrip("\n")))), flush=True)
    return 0


def judged(line: Json) -> Iterator[str]:
    """Yields the reason why a line is wrong, nothing if it is right.

    pydantic's ValidationError and the error for broken JSON are both ValueErrors.
    """
    try:
        CHECKS[line["kind"]](line)
    except (Wrong, ValueError) as error:
        yield f"{line['kind']} {line.get('method', '')}: {error}"


def check_request(line: Json) -> None:
    """Raises Wrong or ValueError unless the call is one of aiogram's methods."""
    model = _method(line["method"])
    parameters = {name: _decoded(model, name, value) for name, value in line["parameters"].items()}
    for part in line["files"]:
        if f"attach://{part}" not in json.dumps(line["parameters"]):
            parameters.setdefault(part, f"attach://{part}")
    _no_extra(model.model_validate(parameters))


def check_answer(line: Json) -> None:
    """Raises Wrong or ValueError unless the answer is what the method returns."""
    body = line["body"]
    unknown = set(body) - set(Response.model_fields)
    if unknown:
        raise Wrong(f"unknown fields in the answer: {sorted(unknown)}")
    if not body["ok"]:
        failure = Response[bool].model_validate(body)
        if not failure.error_code or not failure.description:
            raise Wrong("a refusal needs error_code and description")
        return
    returned = _method(line["method"]).__returning__
    _exactly(TypeAdapter(returned), body["result"])


def check_update(line: Json) -> None:
    """Raises Wrong or ValueError unless it is an update."""
    _exactly(TypeAdapter(telegram_types.Update), line["update"])


CHECKS = {"request": check_request, "answer": check_answer, "update": check_update}


def _method(name: str) -> Any:
    model = getattr(methods, name[:1].upper() + name[1:], None)
    if model is None:
        raise Wrong(f"aiogram knows no method {name}")
    return model


def _decoded(model: Any, name: str, value: Any) -> Any:
    field = model.model_fields.get(name)
    written = isinstance(value, str) and value[:1] in ("{", "[")
    if field is None or not written:
        return value
    takes_text = any(one is str for one in _alternatives(field.annotation))
    return value if takes_text else json.loads(value)


def _alternatives(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [one for part in typing.get_args(annotation) for one in _alternatives(part)]
    if typing.get_origin(annotation) is typing.Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    return [annotation]


def _exactly(adapter: TypeAdapter[Any], value: Any) -> None:
    read = adapter.validate_python(value)
    _no_extra(read)
    written = adapter.dump_python(read, mode="json", exclude_unset=True, by_alias=True)
    if json.dumps(written, sort_keys=True) != json.dumps(value, sort_keys=True):
        raise Wrong(f"recorded {value}, understood {written}")


def _no_extra(value: Any) -> None:
    extra = sorted(_extra(value, type(value).__name__))
    if extra:
        raise Wrong(f"unknown fields: {', '.join(extra)}")


def _extra(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from (f"{where}.{name}" for name in value.model_extra or {})
        for name in value.model_fields_set - set(value.model_extra or {}):
            yield from _extra(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _extra(item, f"{where}[]")


if __name__ == "__main__":
    sys.exit(main())
