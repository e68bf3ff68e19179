"""Where a requirement holds, `; python_version < "3.9" and sys_platform == "linux"`, as PEP 508 has it; needs no package."""

import os
import platform
import re
import sys

from . import versions

_TOKEN = re.compile(r"""\s*(?:(?P<operator>===|~=|==|!=|<=|>=|<|>|not\s+in\b|in\b)|(?P<word>[A-Za-z_.]+)|(?P<text>'[^']*'|"[^"]*")|(?P<mark>[()]))""")


def holds(marker):
    """Whether it does on this machine. Raises ValueError for what is no marker."""
    reader = _Reader(_tokens(marker))
    found = reader.any()
    if reader.next() is not None:
        raise ValueError(f"'{marker.strip()}' is no marker")
    return found


class _Reader:
    def __init__(self, tokens):
        self.tokens, self.at = tokens, 0

    def next(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, kind=None):
        token = self.next()
        if token is None or (kind is not None and token[0] != kind):
            raise ValueError("a marker ends, or goes on, where it cannot")
        self.at += 1
        return token

    def skips(self, token):
        is_it = self.next() == token
        self.at += is_it
        return is_it

    def any(self):
        found = self.all()
        while self.skips(("word", "or")):
            found = self.all() or found
        return found

    def all(self):
        found = self.one()
        while self.skips(("word", "and")):
            found = self.one() and found
        return found

    def one(self):
        if self.skips(("mark", "(")):
            found = self.any()
            self.take("mark")
            return found
        left, operator, right = self.take(), self.take("operator")[1], self.take()
        return _compared(_value(left), " ".join(operator.split()), _value(right))


def _tokens(marker):
    tokens, at = [], 0
    while marker[at:].strip():
        found = _TOKEN.match(marker, at)
        if found is None:
            raise ValueError(f"'{marker.strip()}' is no marker")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


def _value(token):
    kind, text = token
    if kind == "text":
        return text[1:-1]
    if kind == "word" and text in _ENVIRONMENT:
        return _ENVIRONMENT[text]()
    raise ValueError(f"'{text}' is nothing that a marker knows")


def _compared(left, operator, right):
    if operator in ("in", "not in"):
        return (left in right) == (operator == "in")
    try:
        return versions.fits(left, operator + right)
    except ValueError:
        pass
    compare = {"==": left == right, "===": left == right, "!=": left != right, "<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}
    if operator not in compare:
        raise ValueError(f"'{left} {operator} {right}' compares no versions")
    return compare[operator]


def _implementation():
    found = sys.implementation.version
    stage = "" if found.releaselevel == "final" else f"{found.releaselevel[0]}{found.serial}"
    return f"{found.major}.{found.minor}.{found.micro}{stage}"


_ENVIRONMENT = {
    "python_version": lambda: ".".join(platform.python_version_tuple()[:2]),
    "python_full_version": platform.python_version,
    "os_name": lambda: os.name,
    "sys_platform": lambda: sys.platform,
    "platform_machine": platform.machine,
    "platform_python_implementation": platform.python_implementation,
    "platform_release": platform.release,
    "platform_system": platform.system,
    "platform_version": platform.version,
    "implementation_name": lambda: sys.implementation.name,
    "implementation_version": _implementation,
    # What asks for an extra is asked for by nobody here.
    "extra": lambda: "",
}
# What these were called before PEP 508.
_ENVIRONMENT.update(
    {
        "os.name": _ENVIRONMENT["os_name"],
        "sys.platform": _ENVIRONMENT["sys_platform"],
        "platform.machine": platform.machine,
        "platform.version": platform.version,
        "platform.python_implementation": platform.python_implementation,
        "python_implementation": platform.python_implementation,
    }
)
