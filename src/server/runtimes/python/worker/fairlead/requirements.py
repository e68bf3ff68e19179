"""What a model needs to be installed, and what of it is not."""

import importlib
import importlib.metadata
import re
import sys

from .problems import Problem, in_words

_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*([^;#]*)")


def check(requirements):
    """Each as pip has it: a name, perhaps with versions. Raises for the first that this interpreter does not have."""
    for text in requirements:
        name, _, versions = _REQUIREMENT.match(text).groups() if _REQUIREMENT.match(text) else (text, None, "")
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise missing(name, text.strip()) from None
        if versions.strip() and not _fits(versions.strip(), found):
            raise missing(name, f"{text.strip()}, and has {name} {found}")


def library(module, package=None):
    """A library that a loader needs; raises what says how to get it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        # What is missing may be what it needs itself.
        if error.name is not None and error.name.split(".")[0] != module.split(".")[0]:
            raise missing(error.name, error.name) from error
        raise missing(package or module, package or module) from error
    except ImportError as error:
        raise Problem("model_invalid", f"the package {package or module} cannot be imported: {in_words(error)}") from error


def missing(package, need):
    version = ".".join(map(str, sys.version_info[:3]))
    return Problem("package_missing", f"Python {version} has no {need}", interpreter=sys.executable, package=package)


def _fits(versions, found):
    try:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
    except ImportError:
        return _fits_exactly(versions, found)
    try:
        return SpecifierSet(versions).contains(found, prereleases=True)
    except InvalidSpecifier:
        raise Problem("model_invalid", f"the requirement {versions!r} is none that pip knows") from None


def _fits_exactly(versions, found):
    """Without `packaging` only what is compared number by number can be told."""
    compare = {"==": lambda a, b: a == b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, "<": lambda a, b: a < b, "!=": lambda a, b: a != b}
    for part in versions.split(","):
        known = re.match(r"^\s*(==|>=|<=|!=|>|<)\s*([0-9.]+)\s*$", part)
        if known is None:
            raise missing("packaging", f"packaging, which the requirement {versions!r} needs to be understood")
        if not compare[known[1]](_numbers(found), _numbers(known[2])):
            return False
    return True


def _numbers(version):
    numbers = [int(part) for part in re.findall(r"\d+", version.split("+")[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
