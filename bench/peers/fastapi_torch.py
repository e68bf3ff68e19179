"""The FastAPI + PyTorch server of a good article: the peer that bench/server compares with.

    python fastapi_torch.py MLP.pt        prints its URL once the port is bound; SIGTERM stops it

It is given every advantage that costs no code: an async handler (no thread pool), pydantic's own serialiser
through the return type, inference mode, one torch thread on its one core, uvloop, httptools, no access log, no
metrics.
"""

import sys
import time

import torch
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

INK = 16.0
VERSION = "2"

torch.set_num_threads(1)

model = torch.nn.Sequential(
    torch.nn.Linear(64, 64),
    torch.nn.ReLU(),
    torch.nn.Linear(64, 32),
    torch.nn.ReLU(),
    torch.nn.Linear(32, 10),
    torch.nn.Softmax(dim=1),
)
model.load_state_dict(torch.load(sys.argv[1]))
model.eval()

app = FastAPI()


class Request(BaseModel):
    inputs: list[list[float]]


class Answer(BaseModel):
    predictions: list[list[float]]
    model_version: str
    prediction_time: float


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


@app.post("/predict")
async def predict(request: Request) -> Answer:
    start = time.perf_counter()
    try:
        with torch.inference_mode():
            predictions = model(torch.tensor(request.inputs) / INK).tolist()
    except Exception as error:
        raise HTTPException(status_code=500, detail=f"Prediction error: {error}") from error
    return Answer(
        predictions=predictions, model_version=VERSION, prediction_time=time.perf_counter() - start
    )


if __name__ == "__main__":
    config = uvicorn.Config(
        app, port=0, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
    socket = config.bind_socket()
    print(f"http://127.0.0.1:{socket.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[socket])
