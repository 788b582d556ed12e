/// What is not implemented yet, by file: to implement a kind, delete it here.
let skippedKinds: [String: Set<String>] = [
    "schedules.json": [],
    "optimizers.json": [],
    "ops.json": [],
    "layers.json": [],
    "losses.json": [],
    "metrics.json": [],
    "lrfind.json": [],
    "noise.json": [],
    "weights.json": [],
    "init.json": [],
]
