"""Trains a small convolutional network on the digits of ../digits and writes it as TorchScript, with a request and answers.

    python3 train.py        needs PyTorch, 1.13 or later, and nothing else

The seed is fixed. What it learns from are the digits, and the answers of the network there: so this needs no other library.
"""

import json
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
INK = 16.0  # the darkest pixel of the data


class Digits(torch.nn.Module):
    """64 pixels, each with ink from 0 to 16, to the probabilities of the ten digits."""

    def __init__(self):
        super().__init__()
        self.see = torch.nn.Conv2d(1, 8, 3, padding=1)
        self.look = torch.nn.Conv2d(8, 16, 3, padding=1, stride=2)
        self.decide = torch.nn.Linear(16 * 4 * 4, 10)

    def forward(self, pixels):
        image = (pixels / 16.0).reshape(-1, 1, 8, 8)
        seen = torch.relu(self.look(torch.relu(self.see(image))))
        return torch.softmax(self.decide(seen.flatten(1)), 1)


def main():
    torch.manual_seed(0)
    reference = json.loads((HERE / "../digits/reference.json").read_text())
    pixels = torch.tensor(reference["pixels"], dtype=torch.float32)
    labels = torch.tensor(reference["2"]["class"])
    model = Digits()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):
        optimizer.zero_grad()
        loss = torch.nn.functional.nll_loss(torch.log(model(pixels) + 1e-9), labels)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.inference_mode():
        answers = model(pixels)
    right = (answers.argmax(1) == labels).float().mean()
    print(f"{right:.1%} of {len(labels)} digits as the network of ../digits has them")
    torch.jit.script(model).save(str(HERE / "models/digits/1/model.pt"))
    (HERE / "request.json").write_text(json.dumps({"inputs": [reference["pixels"][0]]}) + "\n")


if __name__ == "__main__":
    main()
