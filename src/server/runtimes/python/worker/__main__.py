"""Run by its path, `python3 worker`: so that no folder but this one, and not that of a model, is where modules are looked for first."""

import sys

from fairlead.worker import main

sys.exit(main())
