/// The options that each kind of schedules.json has; one that is not here is a reason to skip a case.
private let scheduleOptions: [String: [String]] = [
    "StepLR": ["step_size", "gamma"],
    "MultiStepLR": ["milestones", "gamma"],
    "ConstantLR": ["factor", "total_iters"],
    "LinearLR": ["start_factor", "end_factor", "total_iters"],
    "ExponentialLR": ["gamma"],
    "PolynomialLR": ["total_iters", "power"],
    "CosineAnnealingLR": ["T_max", "eta_min"],
    "CosineAnnealingWarmRestarts": ["T_0", "T_mult", "eta_min"],
    "CyclicLR": [
        "base_lr", "max_lr", "step_size_up", "step_size_down", "mode", "gamma", "cycle_momentum", "base_momentum",
        "max_momentum",
    ],
    "OneCycleLR": [
        "max_lr", "total_steps", "epochs", "steps_per_epoch", "pct_start", "anneal_strategy", "cycle_momentum",
        "base_momentum", "max_momentum", "div_factor", "final_div_factor", "three_phase",
    ],
    "SWALR": ["swa_lr", "anneal_epochs", "anneal_strategy"],
    "LambdaLR": ["formula", "gamma"],
    "MultiplicativeLR": ["factor"],
    "SequentialLR": ["schedulers", "milestones"],
    "ChainedScheduler": ["schedulers"],
    "ReduceLROnPlateau": [
        "mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps",
    ],
    "hf.constant_with_warmup": ["num_warmup_steps", "num_training_steps"],
    "hf.linear_with_warmup": ["num_warmup_steps", "num_training_steps"],
    "hf.cosine_with_warmup": ["num_warmup_steps", "num_training_steps", "num_cycles", "min_lr_rate"],
    "hf.cosine_with_hard_restarts": ["num_warmup_steps", "num_training_steps", "num_cycles"],
    "hf.polynomial_with_warmup": ["num_warmup_steps", "num_training_steps", "lr_end", "power"],
    "hf.inverse_sqrt": ["num_warmup_steps", "num_training_steps", "timescale"],
    "hf.warmup_stable_decay": [
        "num_warmup_steps", "num_training_steps", "num_stable_steps", "num_decay_steps", "warmup_type", "decay_type",
        "min_lr_ratio", "num_cycles",
    ],
    "window": ["window", "base_lr", "max_lr", "step_size_up", "step_size_down", "scale", "gamma"],
    "fastai.fit_one_cycle": ["n_epoch", "lr_max", "div", "div_final", "pct_start", "moms"],
    "fastai.fit_flat_cos": ["n_epoch", "lr", "div_final", "pct_start"],
    "fastai.fit_sgdr": ["n_cycles", "cycle_len", "lr_max", "cycle_mult"],
    "fastai.fine_tune": [
        "epochs", "base_lr", "freeze_epochs", "lr_mult", "pct_start", "div", "div_final", "moms",
    ],
    "fastai.anneal.lin": ["start", "end"], "fastai.anneal.cos": ["start", "end"], "fastai.anneal.no": ["start", "end"],
    "fastai.anneal.exp": ["start", "end"], "fastai.anneal.poly": ["start", "end", "power"],
]

/// The values that an option of words may have.
private let scheduleWords: [String: Set<String>] = [
    "mode": ["triangular", "triangular2", "exp_range", "min", "max"], "anneal_strategy": ["cos", "linear"],
    "threshold_mode": ["rel", "abs"], "warmup_type": ["linear", "cosine", "1-sqrt"],
    "decay_type": ["linear", "cosine", "1-sqrt"], "window": ["triangular", "welch", "hann"],
    "scale": ["none", "halve", "exp"], "formula": ["inverse_time", "exp_decay"],
]

/// Runs a case of schedules.json through the schedules of `scheduleResults(config:inputs:)`.
func runScheduleCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    try refuseUnknownOptions(kind, test.config["options"])
    let results = try scheduleResults(config: test.config, inputs: test.inputs)
    try comparison.expect(.object(results), test.expected, "expected")
}

private func refuseUnknownOptions(_ kind: String, _ value: JSONValue) throws {
    guard let names = scheduleOptions[kind] else { throw Skip.unknownKind(kind) }
    let options = try Options(value, reading: names)
    for (name, words) in scheduleWords {
        if let word = options[name].string, !words.contains(word) { throw Skip.option("option \(name): \(word)") }
    }
    for child in value["schedulers"].array ?? [] {
        try refuseUnknownOptions(child["kind"].string ?? "", child["options"])
    }
}
