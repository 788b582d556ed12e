// Pictures of what was recorded.

extension Recorder {
    /// The training loss of every step (faint), its smoothed course, and the validation loss amid epochs and at their ends.
    public func plotLoss() -> Chart {
        var chart = Chart(title: "Loss", x: Axis("step"), y: Axis("loss"))
        let positions = steps.map { Double($0.step) }
        chart.add(.line(x: positions, y: steps.map(\.loss), name: "train", color: .sky, style: .faint))
        chart.add(.line(x: positions, y: steps.map(\.smoothedLoss), name: "train, smoothed", color: .blue))
        let validated = allValidations.compactMap { row in row.loss.map { (step: row.step, loss: $0) } }
        chart.add(
            .points(x: validated.map(\.step), y: validated.map(\.loss), name: "valid", color: .vermillion))
        return chart
    }

    private typealias Validation = (step: Double, loss: Double?, metrics: [ValidationResult.Measured])

    /// The validations amid epochs and at their ends, in order.
    private var allValidations: [Validation] {
        var result: [Validation] = []
        var next = 0
        func takeValidations(while isBefore: (ValidationRow) -> Bool) {
            while next < validations.count, isBefore(validations[next]) {
                let row = validations[next]
                result.append((Double(row.step), row.loss, row.metrics))
                next += 1
            }
        }
        for epoch in epochs {
            takeValidations { ($0.fit, $0.epoch) <= (epoch.fit, epoch.epoch) }
            result.append((Double(epoch.step), epoch.validLoss, epoch.metrics))
        }
        takeValidations { _ in true }
        return result
    }

    /// A chart of each metric over the validations, with its best value marked; of those that were measured, in the order
    /// of their first appearance.
    public func plotMetrics() -> ChartGrid {
        var names: [String] = []
        let validations = allValidations
        for row in validations { names += row.metrics.map(\.name).filter { !names.contains($0) } }
        let charts = names.map { name -> Chart in
            var chart = Chart(title: name, x: Axis("step"), y: Axis(name))
            let measured = validations.flatMap { row in
                row.metrics.filter { $0.name == name }.map { (x: row.step, y: $0.value, direction: $0.direction) }
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
