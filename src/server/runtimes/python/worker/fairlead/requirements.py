"""What a model needs to be installed, and what of it is not."""

import importlib
import importlib.metadata
import re
import sys

from . import markers, versions
from .problems import Problem, in_words

# A name, extras, then versions or the place that it is installed from, and where it holds.
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:\(([^)]*)\)|@\s*\S+|([^;@]*?))\s*(?:;(.*))?")


def check(requirements):
    """Each as pip has it, as far as it holds here. Raises for those that this interpreter does not have."""
    lacking = [one for one in map(_lacking, requirements) if one is not None]
    if lacking:
        raise missing([package for package, _ in lacking], ", and no ".join(need for _, need in lacking))


def _lacking(text):
    """What of a requirement is not there: what to install, and what that is for; nothing where all is."""
    # As in a file of requirements.
    asked = re.sub(r"(^|\s)#.*$", "", text).strip()
    try:
        name, wanted = _read(asked)
    except ValueError as error:
        raise Problem("requirement_invalid", str(error), requirement=text) from None
    return None if name is None else _unmet(name, wanted, asked.partition(";")[0].strip())


def _read(asked):
    """The name, and which versions are; no name where it is not asked for here."""
    found = _REQUIREMENT.fullmatch(asked)
    if found is None:
        raise ValueError("it does not begin with the name of a package, as pip has it")
    name, bracketed, bare, marker = found.groups()
    wanted = bracketed or bare or ""
    # Also where it does not hold, it must be one.
    versions.fits("0", wanted)
    return (name if marker is None or markers.holds(marker) else None), wanted


def _unmet(name, wanted, asked):
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return asked, asked
    try:
        fits = versions.fits(found, wanted)
    except ValueError:
        # Whoever built it called it so.
        fits = not wanted.strip()
    return None if fits else (asked, f"{asked} (it has {name} {found})")


def library(module, package=None):
    """A library that a loader needs; raises what says how to get it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        # What is missing may be what it needs itself.
        if error.name is not None and error.name.split(".")[0] != module.split(".")[0]:
            raise missing([error.name], error.name) from error
        raise missing([package or module], package or module) from error
    except ImportError as error:
        raise Problem("model_invalid", f"the package {package or module} cannot be imported: {in_words(error)}") from error


def missing(packages, need):
    version = ".".join(map(str, sys.version_info[:3]))
    return Problem("package_missing", f"Python {version} has no {need}", interpreter=sys.executable, packages=packages)
