"""Prints, as JSON, the version of each package named, and of Python itself; fails when one is not in the environment.

    python versions.py NAME …
"""

import importlib.metadata
import json
import platform
import sys

found = {"Python": platform.python_version()}
for name in sys.argv[1:]:
    distribution = importlib.metadata.distribution(name)
    place = str(distribution.locate_file(""))
    if not place.startswith(sys.prefix):
        sys.exit(f"{name} would be loaded from {place}; delete bench/.peers and run again")
    found[name] = distribution.version
try:
    found["torch (Debian's)"] = importlib.metadata.version("torch")
except importlib.metadata.PackageNotFoundError:
    pass  # Only the environments that need it see it.
print(json.dumps(found))
