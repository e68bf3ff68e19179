"""Prints, as JSON, the version of each library the FastAPI peer uses and the file it is loaded from."""

import importlib
import json
import platform

NAMES = ["fastapi", "pydantic", "uvicorn", "uvloop", "httptools", "torch"]

found = {}
for name in NAMES:
    module = importlib.import_module(name)
    found[name] = {"version": module.__version__, "file": module.__file__}
print(json.dumps({"python": platform.python_version(), "libraries": found}))
