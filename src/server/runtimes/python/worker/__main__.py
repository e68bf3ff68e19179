"""Run by its path, `python3 worker`: so that no folder but this one, and not that of a model, is where modules are looked for first."""

import sys

if sys.version_info < (3, 9):
    sys.exit("fairlead needs Python 3.9 or later, and this is %d.%d.%d" % tuple(sys.version_info[:3]))

from fairlead.worker import main

sys.exit(main())
