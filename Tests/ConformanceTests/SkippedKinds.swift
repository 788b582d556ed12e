/// What is not implemented yet, by file: to implement a kind, delete it here.
let skippedKinds: [String: Set<String>] = [
    "schedules.json": [],
    "optimizers.json": [],
    "ops.json": [],
    "layers.json": [
        "Embedding", "MultiheadAttention", "LSTM", "GRU", "LeakyReLU", "GELU", "SiLU", "Mish", "Softplus", "ELU",
        "CELU",
    ],
    "losses.json": [
        "NLLLoss", "BCEWithLogitsLoss", "BCELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "KLDivLoss",
        "SigmoidFocalLoss", "SoftmaxFocalLoss",
    ],
    "metrics.json": [
        "top_k_accuracy", "precision", "recall", "f1", "fbeta", "roc_auc", "roc_auc_ovr", "mae", "mse", "rmse", "r2",
        "perplexity", "confusion_matrix", "cohen_kappa", "matthews", "balanced_accuracy",
    ],
    "lrfind.json": [],
    "noise.json": ["micro_batches", "two_batch_norms", "per_example", "smith_le"],
    "weights.json": ["load", "forward"],
    "init.json": [
        "kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal", "normal", "trunc_normal",
        "orthogonal", "module_default",
    ],
]
