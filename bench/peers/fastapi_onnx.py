"""FastAPI with ONNX Runtime: what many teams write themselves.

    python fastapi_onnx.py PORT NAME=MODEL.onnx …

Chosen as FastAPI's and uvicorn's documentation recommends: uvloop and httptools, no access log, one process for one
core, pydantic's serialiser through the return type, an async handler where a run takes microseconds, and a thread of
the pool where it would block the loop (`run_in_threadpool`). Large tensors come as bytes, not as JSON.
"""

import time

import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from peer import OnnxModel, heavy, read_arguments
from pydantic import BaseModel

arguments = read_arguments()
app = FastAPI()


class Rows(BaseModel):
    inputs: list[list[float]]


class Answer(BaseModel):
    """The same three fields as fairlead's and the article's server's."""

    predictions: list[list[float]]
    model_version: str
    prediction_time: float


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


def answer(found, start: float) -> Answer:
    return Answer(
        predictions=found.tolist(), model_version="1", prediction_time=time.perf_counter() - start
    )


def serve_light(name: str, model: OnnxModel) -> None:
    @app.post(f"/models/{name}")
    async def predict(rows: Rows) -> Answer:
        start = time.perf_counter()
        return answer(model(model.of_rows(rows.inputs)), start)


def serve_heavy(name: str, model: OnnxModel) -> None:
    @app.post(f"/models/{name}")
    async def predict(rows: Rows) -> Answer:
        start = time.perf_counter()
        return answer(await run_in_threadpool(model, model.of_rows(rows.inputs)), start)

    @app.post(f"/models/{name}/bytes")
    async def predict_bytes(request: Request) -> Answer:
        start = time.perf_counter()
        return answer(await run_in_threadpool(model, model.of_bytes(await request.body())), start)


for name, path in arguments.models.items():
    (serve_heavy if heavy(path) else serve_light)(name, OnnxModel(path))

uvicorn.run(
    app,
    host="127.0.0.1",
    port=arguments.port,
    loop="uvloop",
    http="httptools",
    access_log=False,
    log_level="warning",
)
