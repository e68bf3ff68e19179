"""TorchServe with ONNX Runtime in a handler of its own.

    python torchserve_server.py PORT NAME=MODEL.onnx … [--batch]

Chosen: one worker a model for one core, a job queue that holds every connection, warnings only in the log, since it
logs two lines a request by default, and no tokens, which a bench on one machine does not need. --batch is its
batch_size with max_batch_delay. Torch itself (Debian's) is loaded by its worker, but runs nothing. Needs Java.
"""

import json
import os
import subprocess
import sys

from peer import BATCH_DELAY_MS, MAX_BATCH, free_port, read_arguments

here = os.path.dirname(os.path.abspath(__file__))
programs = os.path.dirname(sys.executable)

LOG = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration>
  <Appenders><Console name="console"><PatternLayout pattern="%d %p %m%n"/></Console></Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="console"/></Root></Loggers>
</Configuration>
"""


def main() -> None:
    arguments = read_arguments()
    home = arguments.home
    for name, path in arguments.models.items():
        archive(name, path, home)
    write(os.path.join(home, "log4j2.xml"), LOG)
    write(os.path.join(home, "config.properties"), configuration(arguments))
    os.environ["BENCH_PEERS"] = here
    os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
    os.environ["TMPDIR"] = home  # Where it leaves the file with its process id.
    os.environ["LOG_LOCATION"] = os.environ["METRICS_LOCATION"] = home
    program = os.path.join(programs, "torchserve")
    options = ["--ts-config", os.path.join(home, "config.properties"), "--log-config"]
    options += [os.path.join(home, "log4j2.xml"), "--disable-token-auth", "--ncs", "--model-store", home]
    os.execv(sys.executable, [sys.executable, program, "--start", "--foreground", *options])


def configuration(arguments) -> str:
    batching = {"batchSize": MAX_BATCH, "maxBatchDelay": BATCH_DELAY_MS} if arguments.batch else {"batchSize": 1}
    models = {
        name: {
            "1.0": {
                "defaultVersion": True,
                "marName": f"{name}.mar",
                "minWorkers": 1,
                "maxWorkers": 1,
                "responseTimeout": 120,
                **batching,
            }
        }
        for name in arguments.models
    }
    lines = {
        "inference_address": f"http://127.0.0.1:{arguments.port}",
        "management_address": f"http://127.0.0.1:{free_port()}",
        "metrics_address": f"http://127.0.0.1:{free_port()}",
        "grpc_inference_port": free_port(),
        "grpc_management_port": free_port(),
        "job_queue_size": 1000,
        "disable_system_metrics": "true",
        "enable_envvars_config": "false",
        "load_models": ",".join(f"{name}.mar" for name in arguments.models),
        "models": json.dumps(models),
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def archive(name: str, path: str, home: str) -> None:
    program = os.path.join(programs, "torch-model-archiver")
    handler = os.path.join(here, "torchserve_handler.py")
    options = ["--model-name", name, "--version", "1.0", "--serialized-file", path, "--handler", handler]
    # Not compressed: a folder is unpacked faster.
    command = [sys.executable, program, *options, "--export-path", home, "--archive-format", "no-archive"]
    subprocess.run(command, check=True)
    os.rename(os.path.join(home, name), os.path.join(home, f"{name}.mar"))


def write(path: str, content: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


main()
