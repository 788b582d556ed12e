// Pictures of what was recorded.

extension Recorder {
    /// The training loss of every step (faint), its smoothed course, and the validation loss at each epoch's end.
    public func plotLoss() -> Chart {
        var chart = Chart(title: "Loss", x: Axis("step"), y: Axis("loss"))
        let positions = steps.map { Double($0.step) }
        chart.add(.line(x: positions, y: steps.map(\.loss), name: "train", color: .sky, style: .faint))
        chart.add(.line(x: positions, y: steps.map(\.smoothedLoss), name: "train, smoothed", color: .blue))
        let validated = epochs.filter { $0.validLoss != nil }
        chart.add(
            .points(
                x: validated.map { Double($0.step) }, y: validated.compactMap(\.validLoss), name: "valid",
                color: .vermillion))
        return chart
    }

    /// The learning rate at every step, and the momentum below it if there is one.
    public func plotSchedule() -> ChartGrid {
        let positions = steps.map { Double($0.step) }
        var rate = Chart(title: "Learning rate", x: Axis("step"), y: Axis("learning rate"))
        rate.add(.line(x: positions, y: steps.map(\.learningRate)))
        var charts = [rate]
        let momenta = steps.compactMap(\.momentum)
        if momenta.count == steps.count, !steps.isEmpty {
            var chart = Chart(title: "Momentum", x: Axis("step"), y: Axis("momentum"))
            chart.add(.line(x: positions, y: momenta))
            charts.append(chart)
        }
        return ChartGrid(columns: charts.count, charts: charts)
    }
}

extension Schedule {
    /// The schedule over a run of some steps.
    public func plot(steps: Int) -> Chart {
        var chart = Chart(title: "Schedule", x: Axis("step"), y: Axis("value"))
        chart.caption = description
        chart.add(.line(x: (0..<max(0, steps)).map(Double.init), y: samples(total: steps)))
        return chart
    }
}
