"""`torch.export.save`: a graph with the shapes that it was exported with."""

from .. import spec
from ..problems import Problem, reading
from ..requirements import library, missing
from ..torch_module import as_model, torch_for

_DATATYPES = {
    "torch.bool": "BOOL",
    "torch.uint8": "UINT8",
    "torch.int8": "INT8",
    "torch.int16": "INT16",
    "torch.int32": "INT32",
    "torch.int64": "INT64",
    "torch.float16": "FP16",
    "torch.float32": "FP32",
    "torch.float64": "FP64",
}


def load(wanted, guarded):
    torch = torch_for(wanted)
    if not hasattr(torch, "export"):
        raise missing(["torch>=2.1"], f"torch>=2.1, which torch.export needs (it has torch {torch.__version__})")
    export = library("torch.export")
    with reading(f"PyTorch {torch.__version__}", Exception), guarded:
        program = export.load(wanted.path)
    wanted.inputs = wanted.inputs or _inputs(program)
    return as_model(torch, program.module(), wanted)


def _inputs(program):
    names = program.graph_signature.user_inputs
    nodes = {node.name: node.meta["val"] for node in program.graph.nodes if node.op == "placeholder"}
    return [spec.Spec(name, _datatype(nodes[name]), [_size(size) for size in nodes[name].shape]) for name in names]


def _datatype(tensor):
    found = _DATATYPES.get(str(tensor.dtype))
    if found is None:
        raise Problem("model_invalid", f"it takes {tensor.dtype}, which cannot be sent")
    return found


def _size(size):
    """A symbol stands for a size that is free."""
    return size if isinstance(size, int) else -1
