"""TorchScript: `torch.jit.save`. It is a program of its own language, read without Python's pickle."""

from ..problems import reading
from ..torch_module import as_model, torch_for


def load(wanted, guarded):
    torch = torch_for(wanted)
    with reading(f"PyTorch {torch.__version__}", RuntimeError), guarded:
        module = torch.jit.load(wanted.path, map_location=wanted.device).eval()
    names = [argument.name for argument in module.forward.schema.arguments[1:] if not argument.has_default_value()]
    return as_model(torch, module, wanted, names)
