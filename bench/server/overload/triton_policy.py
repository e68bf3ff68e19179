"""The Triton of bench/peers with its own means against overload: a queue policy.

    python triton_policy.py DEADLINE_MS MAX_BATCH PORT NAME=MODEL.onnx … --batch

The policy, as its documentation has it: a request that has waited for more than 0.6 of the deadline is refused when its
turn comes (the rest is for its batch and the way back), and so is one that finds 256 waiting. MAX_BATCH keeps a batch
itself shorter than the deadline.
"""

import os
import re
import runpy
import sys
from glob import glob

POLICY = """dynamic_batching {{
  default_queue_policy {{
    timeout_action: REJECT
    default_timeout_microseconds: {microseconds}
    allow_timeout_override: true
    max_queue_size: 256
  }}
}}"""

deadline_ms, max_batch = float(sys.argv.pop(1)), int(sys.argv.pop(1))
peers = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "peers")
start = os.execv


def start_with_policy(program: str, command: list[str]) -> None:
    repository = next(each for each in command if each.startswith("--model-repository="))
    for path in glob(os.path.join(repository.split("=", 1)[1], "*", "config.pbtxt")):
        with open(path, encoding="utf-8") as file:
            config = file.read()
        policy = POLICY.format(microseconds=round(deadline_ms * 600))
        config, batchers = re.subn(r"dynamic_batching \{\s*\}", policy, config)
        config, sizes = re.subn(r"max_batch_size: \d+", f"max_batch_size: {max_batch}", config)
        if (batchers, sizes) != (1, 1):
            raise SystemExit(f"{path} is not the configuration that this script knows")
        with open(path, "w", encoding="utf-8") as file:
            file.write(config)
    start(program, command)


os.execv = start_with_policy
sys.path.insert(0, peers)
runpy.run_path(os.path.join(peers, "triton_server.py"), run_name="__main__")
