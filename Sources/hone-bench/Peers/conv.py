"""The peer's side of `hone-bench conv`: the same layers in PyTorch, forward, input gradient and weight gradient.

usage: conv.py [THREADS] [REPS]; one JSON line a measurement, with the fields of hone-bench. Needs torch.
"""
import json
import statistics
import sys
import time

import torch

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
REPS = int(sys.argv[2]) if len(sys.argv) > 2 else 7
# name, batch, inputs, outputs, side, kernel, stride
LAYERS = [
    ("d-1x16@28", 64, 1, 16, 28, 3, 1),
    ("d-16x32@14", 64, 16, 32, 14, 3, 1),
    ("e-3x64@32", 128, 3, 64, 32, 3, 1),
    ("e-64x64@32", 128, 64, 64, 32, 3, 1),
    ("e-64x128@32", 128, 64, 128, 32, 3, 1),
    ("e-64x128@32s2", 128, 64, 128, 32, 3, 2),
    ("e-64x128@32s2k1", 128, 64, 128, 32, 1, 2),
    ("e-128x128@16", 128, 128, 128, 16, 3, 1),
    ("e-128x256@16", 128, 128, 256, 16, 3, 1),
    ("e-256x256@8", 128, 256, 256, 8, 3, 1),
    ("e-256x512@8s2", 128, 256, 512, 8, 3, 2),
    ("e-256x256@4", 128, 256, 256, 4, 3, 1),
    ("e-512x512@4", 128, 512, 512, 4, 3, 1),
]


def seconds(body):
    body()
    start = time.perf_counter()
    body()
    count = max(1, int(0.05 / max(1e-9, time.perf_counter() - start)))
    times = []
    for _ in range(REPS):
        start = time.perf_counter()
        for _ in range(count):
            body()
        times.append((time.perf_counter() - start) / count)
    return times


torch.set_num_threads(THREADS)
for name, batch, inputs, outputs, side, kernel, stride in LAYERS:
    x = torch.randn(batch, inputs, side, side)
    w = torch.randn(outputs, inputs, kernel, kernel)
    pad = kernel // 2
    y = torch.nn.functional.conv2d(x, w, None, stride, pad)
    flops = 2e-9 * y.numel() * inputs * kernel * kernel

    def gradient(mask):
        return torch.ops.aten.convolution_backward(
            y, x, w, None, [stride, stride], [pad, pad], [1, 1], False, [0, 0], 1, mask
        )

    variants = {
        "forward": lambda: torch.nn.functional.conv2d(x, w, None, stride, pad),
        "dX": lambda: gradient([True, False, False]),
        "dW": lambda: gradient([False, True, False]),
    }
    with torch.no_grad():
        for variant, body in variants.items():
            speed = [flops / t for t in seconds(body)]
            print(
                json.dumps(
                    dict(
                        bench="conv", impl="torch", case=name, threads=THREADS, metric="gflops",
                        median=round(statistics.median(speed), 3), min=round(min(speed), 3),
                        max=round(max(speed), 3), reps=REPS, unit="GFLOP/s", variant=variant,
                    )
                ),
                flush=True,
            )
