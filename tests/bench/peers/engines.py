# SPDX-License-Identifier: Apache-2.0
"""One class for each engine: how it prepares the model, and how it runs one picture.

An engine is imported only inside its own worker process, so that its memory and threads never mix with another
engine's. `rows` lists the precisions that it offers, with a description of each. `prepare` writes the engine's files
into the work folder; the constructor loads one of them.
"""
import importlib.metadata
import json
import statistics
import subprocess
import time

import numpy as np

import ncnn_int8

WARM_UP = 3


class Engine:
    """What all engines that run inside Python share. Each has a method `run`, which takes one normalised picture
    (1, 3, 224, 224) and returns its 1000 logits."""

    def version(self):
        return importlib.metadata.version(self.package)

    def burst(self, runs):
        """Median and minimum time of `runs` inferences, in milliseconds."""
        times = self.times(runs)
        return statistics.median(times), min(times)

    def spread(self, runs):
        """The times below which half, 90 % and 99 % of `runs` inferences stay, in milliseconds."""
        times = sorted(self.times(runs))
        return [times[min(runs - 1, runs * share // 100)] for share in (50, 90, 99)]

    def times(self, runs):
        picture = np.array(np.load(self.work / "evaluation.npy", mmap_mode="r")[:1])
        for _ in range(WARM_UP):
            self.run(picture)
        times = []
        for _ in range(runs):
            started = time.perf_counter()
            self.run(picture)
            times.append(1e3 * (time.perf_counter() - started))
        return times

    def peak_bytes(self):
        return peak_bytes("self")

    def accuracy(self):
        """The share of photos for which the top class is that of float32, and the SQNR of all logits in dB."""
        reference = np.load(self.work / "reference.npy").astype(np.float64)
        pictures = np.load(self.work / "evaluation.npy", mmap_mode="r")
        logits = np.stack([np.array(self.run(np.array(picture[None])), np.float64).ravel() for picture in pictures])
        agreement = np.mean(logits.argmax(1) == reference.argmax(1))
        noise = np.sum((logits - reference) ** 2)
        return float(agreement), float(10 * np.log10(np.sum(reference**2) / max(noise, 1e-30)))


class Vitro(Engine):
    title = "vitro"
    rows = {"int8": "int8 weights per channel, inputs per token; patch embedding and attention included; calibrated"}
    in_python = False

    @staticmethod
    def prepare(work, config):
        subprocess.run([config["vitro"], "convert", config["checkpoint"], "-o", work / "deit.vitro", "--calib", work / "calibration", "--json"], check=True)

    def __init__(self, work, config, precision, threads):
        self.work, self.config, self.threads = work, config, threads

    def version(self):
        return subprocess.run([self.config["vitro"], "--version"], check=True, capture_output=True, text=True).stdout.split()[1]

    def command(self, *arguments):
        return [self.config["vitro"], *arguments, "-m", self.work / "deit.vitro", "-t", str(self.threads), "--json"]

    def bench(self, runs):
        return json.loads(subprocess.run(self.command("bench", "-n", str(runs)), check=True, capture_output=True).stdout)

    def burst(self, runs):
        result = self.bench(runs)
        return result["p50_ms"], result["min_ms"]

    def spread(self, runs):
        result = self.bench(runs)
        return [result["p50_ms"], result["p90_ms"], result["p99_ms"]]

    def peak_bytes(self):
        # Polled while it runs, because the rusage of a child includes the Python process from which it was forked.
        process, peak = subprocess.Popen(self.command("bench", "-n", "20"), stdout=subprocess.DEVNULL), 0
        while process.poll() is None:
            peak = max(peak, peak_bytes(process.pid))
            time.sleep(0.002)
        return peak

    def accuracy(self):
        files = ["--images", self.work / "evaluation", "--labels", self.work / "evaluation.csv", "--reference", self.config["checkpoint"]]
        result = json.loads(subprocess.run(self.command("eval", *files), check=True, capture_output=True).stdout)
        return result["agreement"], result["logit_sqnr_db"]


class OnnxRuntime(Engine):
    title = "ONNX Runtime"
    package = "onnxruntime"
    rows = {"fp32": "", "int8": "quantize_dynamic, weights per channel; attention float"}
    in_python = True

    @staticmethod
    def prepare(work, config):
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        model = onnx.load(work / "fp32.onnx")
        # The quantiser transposes tensors and records their new shapes, which would contradict the exporter's.
        del model.graph.value_info[:]
        quantize_dynamic(model, work / "int8.onnx", per_channel=True, weight_type=QuantType.QInt8)

    def __init__(self, work, config, precision, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.work = work
        self.session = onnxruntime.InferenceSession(work / f"{precision}.onnx", options, providers=["CPUExecutionProvider"])

    def run(self, picture):
        return self.session.run(None, {"picture": picture})[0]


class OpenVino(Engine):
    title = "OpenVINO"
    package = "openvino"
    rows = {"fp32": "", "int8": "NNCF static int8, transformer preset; calibrated; the rest in bfloat16 where OpenVINO chooses it"}
    in_python = True

    @staticmethod
    def prepare(work, config):
        import nncf
        import openvino

        model = openvino.Core().read_model(work / "fp32.onnx")
        openvino.save_model(model, work / "fp32.xml", compress_to_fp16=False)
        pictures = np.load(work / "calibration.npy")
        dataset = nncf.Dataset([picture[None] for picture in pictures])
        quantised = nncf.quantize(model, dataset, model_type=nncf.ModelType.TRANSFORMER, subset_size=len(pictures))
        openvino.save_model(quantised, work / "int8.xml", compress_to_fp16=False)

    def __init__(self, work, config, precision, threads):
        import openvino

        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
        if precision == "fp32":
            options["INFERENCE_PRECISION_HINT"] = "f32"
        self.work = work
        self.request = openvino.Core().compile_model(work / f"{precision}.xml", "CPU", options).create_infer_request()

    def run(self, picture):
        return self.request.infer({0: picture})[0]


class Ncnn(Engine):
    title = "ncnn"
    package = "ncnn"
    rows = {"fp32": "", "int8": "dynamic int8, attention's products included; weights per tensor, quantised by this script"}
    in_python = True

    @staticmethod
    def prepare(work, config):
        import pnnx
        import torch

        import models

        torch.jit.trace(models.load(config["checkpoint"]), models.example()).save(work / "deit.pt")
        subprocess.run([pnnx.EXEC_PATH, "deit.pt", "inputshape=[1,3,224,224]", "fp16=0"], cwd=work, check=True)
        ncnn_int8.convert(work / "deit.ncnn.param", work / "deit.ncnn.bin", work / "int8.ncnn.param", work / "int8.ncnn.bin")

    def __init__(self, work, config, precision, threads):
        import ncnn

        self.work, self.to_mat, self.net = work, ncnn.Mat, ncnn.Net()
        self.net.opt.num_threads = threads
        self.net.opt.use_fp16_packed = self.net.opt.use_fp16_storage = self.net.opt.use_fp16_arithmetic = False
        name = "deit.ncnn" if precision == "fp32" else "int8.ncnn"
        if self.net.load_param(str(work / f"{name}.param")) or self.net.load_model(str(work / f"{name}.bin")):
            raise RuntimeError("ncnn refused the converted model")

    def run(self, picture):
        with self.net.create_extractor() as extractor:
            extractor.input("in0", self.to_mat(picture[0]))
            status, logits = extractor.extract("out0")
            if status:
                raise RuntimeError(f"ncnn failed with status {status}")
            return np.array(logits)


class Mnn(Engine):
    title = "MNN"
    package = "MNN"
    rows = {"fp32": "", "int8": "int8 weights per channel, inputs quantised as it runs (memory mode low); attention float"}
    in_python = True

    @staticmethod
    def prepare(work, config):
        import MNN  # noqa: F401 (loads the library that _tools needs)
        import _tools

        # Not with the command mnnconvert: it would install a package for usage logging with whatever pip it finds.
        command = ["mnnconvert", "-f", "ONNX", "--bizCode", "peers", "--modelFile", str(work / "fp32.onnx"), "--MNNModel"]
        _tools.mnnconvert([*command, str(work / "fp32.mnn")])
        _tools.mnnconvert([*command, str(work / "int8.mnn"), "--weightQuantBits", "8"])

    def __init__(self, work, config, precision, threads):
        import MNN.expr
        import MNN.nn

        # A runtime manager, because load_module_from_file's own thread_num has no effect: it always takes four threads. The
        # memory mode is a number here, because the manager does not know it by name: 2 is low, 0 normal.
        runtime = MNN.nn.create_runtime_manager(({"backend": "CPU", "numThread": threads, "memory": 2 if precision == "int8" else 0},))
        self.work, self.expr, self.runtime = work, MNN.expr, runtime
        self.net = MNN.nn.load_module_from_file(str(work / f"{precision}.mnn"), ["picture"], ["logits"], runtime_manager=runtime)

    def run(self, picture):
        return self.net.forward([self.expr.const(picture, list(picture.shape), self.expr.NCHW, self.expr.float)])[0].read()


class PyTorch(Engine):
    title = "PyTorch"
    package = "torch"
    rows = {"fp32": "", "int8": "quantize_dynamic of the linears; attention float"}
    in_python = True

    @staticmethod
    def prepare(work, config):
        """Nothing to prepare: the constructor reads the checkpoint itself."""

    def __init__(self, work, config, precision, threads):
        import torch

        import models

        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        self.work, self.model, self.to_tensor = work, models.load(config["checkpoint"]), torch.from_numpy
        if precision == "int8":
            self.model = torch.ao.quantization.quantize_dynamic(self.model, {torch.nn.Linear}, dtype=torch.qint8)

    def run(self, picture):
        return self.model(self.to_tensor(picture)).numpy()


class ExecuTorch(Engine):
    title = "ExecuTorch (XNNPACK)"
    package = "executorch"
    rows = {"fp32": "", "int8": "dynamic int8 linears, weights per channel; attention float"}
    in_python = True

    @staticmethod
    def prepare(work, config):
        import torch
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
        from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import XNNPACKQuantizer, get_symmetric_quantization_config
        from executorch.exir import to_edge_transform_and_lower
        from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

        import models

        def save(model, name):
            program = to_edge_transform_and_lower(torch.export.export(model, example), partitioner=[XnnpackPartitioner()])
            (work / name).write_bytes(program.to_executorch().buffer)

        model, example = models.load(config["checkpoint"]), (models.example(),)
        save(model, "fp32.pte")
        quantiser = XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True, is_dynamic=True))
        observed = prepare_pt2e(torch.export.export(model, example).module(), quantiser)
        observed(*example)
        save(convert_pt2e(observed), "int8.pte")

    def __init__(self, work, config, precision, threads):
        import torch
        from executorch.extension.pybindings import portable_lib

        portable_lib._unsafe_reset_threadpool(threads)
        torch.set_num_threads(threads)
        self.work, self.to_tensor = work, torch.from_numpy
        self.program = portable_lib._load_for_executorch(str(work / f"{precision}.pte"))

    def run(self, picture):
        return self.program.forward((self.to_tensor(picture),))[0].numpy()


class LiteRt(Engine):
    title = "LiteRT (XNNPACK)"
    package = "ai-edge-litert"
    rows = {"fp32": "", "int8": "dynamic int8 (dynamic_wi8_afp32), weights per channel; attention float"}
    in_python = True

    @staticmethod
    def prepare(work, config):
        import litert_torch
        from ai_edge_quantizer import quantizer, recipe

        import models

        litert_torch.convert(models.load(config["checkpoint"]), (models.example(),)).export(str(work / "fp32.tflite"))
        quantizer.Quantizer(str(work / "fp32.tflite"), recipe.dynamic_wi8_afp32()).quantize().export_model(str(work / "int8.tflite"))

    def __init__(self, work, config, precision, threads):
        from ai_edge_litert.interpreter import Interpreter

        self.work, self.interpreter = work, Interpreter(str(work / f"{precision}.tflite"), num_threads=threads)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]["index"]
        self.output = self.interpreter.get_output_details()[0]["index"]

    def run(self, picture):
        self.interpreter.set_tensor(self.input, picture)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output)


ENGINES = {
    "vitro": Vitro,
    "onnxruntime": OnnxRuntime,
    "openvino": OpenVino,
    "ncnn": Ncnn,
    "mnn": Mnn,
    "pytorch": PyTorch,
    "executorch": ExecuTorch,
    "litert": LiteRt,
}


def peak_bytes(process):
    """VmHWM of a process in bytes, or 0 when it has just ended."""
    try:
        with open(f"/proc/{process}/status") as status:
            return next((1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)
    except FileNotFoundError:
        return 0
