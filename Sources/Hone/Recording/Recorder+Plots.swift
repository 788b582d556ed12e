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

    /// A chart of each metric over the validations, with its best value marked; of those that were measured, in the order
    /// of their first appearance.
    public func plotMetrics() -> ChartGrid {
        var names: [String] = []
        for row in epochs { names += row.metrics.map(\.name).filter { !names.contains($0) } }
        let charts = names.map { name -> Chart in
            var chart = Chart(title: name, x: Axis("step"), y: Axis(name))
            let measured = epochs.flatMap { row in
                row.metrics.filter { $0.name == name }.map {
                    (x: Double(row.step), y: $0.value, direction: $0.direction)
                }
            }
            chart.add(.line(x: measured.map(\.x), y: measured.map(\.y), color: .blue))
            chart.add(.points(x: measured.map(\.x), y: measured.map(\.y), color: .blue))
            let finite = measured.filter { $0.y.isFinite }
            if let best = finite.reduce(
                finite.first,
                { best, next in
                    guard let best else { return next }
                    return next.direction.isBetter(next.y, than: best.y) ? next : best
                })
            {
                chart.add(.marker(x: best.x, y: best.y, label: "best \(format(best.y, 4))", color: .vermillion))
            }
            return chart
        }
        return ChartGrid(columns: min(2, max(1, charts.count)), charts: charts)
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
