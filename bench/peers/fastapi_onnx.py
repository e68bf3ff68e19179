"""FastAPI with ONNX Runtime: what many teams write themselves.

    python fastapi_onnx.py PORT NAME=MODEL.onnx …

Chosen as FastAPI's and uvicorn's documentation recommends: uvloop and httptools, no access log, one process for one
core, pydantic's serialiser through the return type, an async handler where a run takes microseconds, and a thread of
the pool where it would block the loop (`run_in_threadpool`). Large tensors come as bytes, not as JSON.
"""

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
    predictions: list[list[float]]


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


def serve_light(name: str, model: OnnxModel) -> None:
    @app.post(f"/models/{name}")
    async def predict(rows: Rows) -> Answer:
        return Answer(predictions=model(model.of_rows(rows.inputs)).tolist())


def serve_heavy(name: str, model: OnnxModel) -> None:
    @app.post(f"/models/{name}")
    async def predict(rows: Rows) -> Answer:
        found = await run_in_threadpool(model, model.of_rows(rows.inputs))
        return Answer(predictions=found.tolist())

    @app.post(f"/models/{name}/bytes")
    async def predict_bytes(request: Request) -> Answer:
        found = await run_in_threadpool(model, model.of_bytes(await request.body()))
        return Answer(predictions=found.tolist())


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
