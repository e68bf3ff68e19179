"""Compares how the worker matches versions and markers with `packaging`, which pip uses: prints what differs, and how much was asked."""

import itertools
import random
import sys

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet

sys.path.insert(0, sys.argv[1])
from fairlead import markers, versions

PARTS = [["", "1!"], ["0", "1", "1.0", "1.1", "1.10", "2.0.0"], ["", "a1", "b2", ".rc.2"], ["", ".post1", "-2"], ["", ".dev0", ".dev3"], ["", "+cpu", "+cu118.1"]]
VERSIONS = ["".join(parts) for parts in itertools.product(*PARTS)]
WILD = ["1.*", "1.0.*", "1.1.*", "2.*"]
OPERATORS = ["==", "!=", "<", ">", "<=", ">=", "~=", "==="]
MARKERS = [
    'python_version < "3.9"',
    'python_version>="3.8" and sys_platform=="linux"',
    '(os_name=="nt" or platform_system=="Linux") and python_version ~= "3.8"',
    '"linux" in sys_platform',
    "sys_platform not in 'win32 darwin'",
    'platform_machine == "x86_64" or platform_machine == "aarch64"',
    'extra == "gpu"',
    'python_full_version >= "3.11.2"',
    'implementation_name == "cpython"',
    '"3.9" <= python_version',
]


def asked(find, *refusals):
    try:
        return find()
    except refusals:
        return "refused"


chance = random.Random(1)
differing = []
for _ in range(100_000):
    version, operator = chance.choice(VERSIONS), chance.choice(OPERATORS)
    clause = operator + chance.choice(WILD if chance.random() < 0.2 else VERSIONS)
    theirs = asked(lambda: SpecifierSet(clause).contains(version, prereleases=True), InvalidSpecifier)
    ours = asked(lambda: versions.fits(version, clause), ValueError)
    if theirs != ours:
        differing.append(f"{version} {clause}: {ours}, not {theirs}")
for marker in MARKERS:
    if Marker(marker).evaluate({"extra": ""}) != markers.holds(marker):
        differing.append(marker)
print(*differing[:20], f"100000 versions and {len(MARKERS)} markers as packaging has them", sep="\n")
sys.exit(len(differing) > 0)
