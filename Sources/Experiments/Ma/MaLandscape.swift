import LinearAlgebra

/// The loss over a plane of latents, for networks of two transposed convolutions.
public struct MaLandscape: Experiment {
  public static let name = "ma-landscape"
  public static let summary = "the loss over a two-dimensional latent, and where descents end"
  public static let source = "Ma et al. 2018, figure 4"
  public static let fullMinutes = 6.0

  /// Networks of each kind.
  package var networks: Int
  /// Points along each side of the grid; odd, so that the planted latent is one of them.
  package var gridCount: Int
  /// Descents on each network.
  package var starts: Int
  package var iterations = 500
  /// Half the side of the square that is looked at.
  package var reach = 4.0

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick: self.init(networks: 20, gridCount: 81, starts: 50)
    case .full: self.init(networks: 200, gridCount: 121, starts: 100)
    }
  }

  package init(networks: Int, gridCount: Int, starts: Int) {
    precondition(networks > 0 && gridCount % 2 == 1 && starts > 0, "something to look at")
    self.networks = networks
    self.gridCount = gridCount
    self.starts = starts
  }

  /// What was seen of the networks of one kind.
  private struct Findings {
    var gridMinima: [Double] = []
    var otherMinima: [Double] = []
    var flatShares: [Double] = []
    var gradient = Landscape.Ends(explained: Share(0, of: 0), found: Share(0, of: 0))
    var adam = Landscape.Ends(explained: Share(0, of: 0), found: Share(0, of: 0))
    /// Of the other minima, seen from the planted latents.
    var directions: [(share: Double, cosine: Double)] = []
    var withOthers = Share(0, of: 0)
    var lowestIsPlanted = Share(0, of: 0)
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let kinds = Landscape.Kind.all
    var steps = progress.steps(kinds.count * networks)
    var findings: [Findings] = []
    var panels: [HeatMap] = []
    for kind in kinds {
      var found = Findings()
      for network in 0..<networks {
        steps.begin("\(kind.name), network \(network + 1) of \(networks)")
        var random = RandomNumbers(seed: seed, "\(Self.name) \(kind.name)", trial: network)
        let landscape = try Landscape(kind, gridCount: gridCount, reach: reach, from: &random)
        let others = landscape.otherMinima(iterations: iterations)
        found.gridMinima.append(Double(landscape.gridMinima.count))
        found.otherMinima.append(Double(others.count))
        found.directions += others.map(landscape.direction)
        found.flatShares.append(landscape.flatShare)
        found.withOthers = found.withOthers + Share([!others.isEmpty])
        found.lowestIsPlanted =
          found.lowestIsPlanted
          + Share([landscape.losses[gridCount / 2][gridCount / 2] <= Landscape.tolerance])
        let ends = landscape.descents(starts: starts, iterations: iterations, from: &random)
        found.gradient.explained = found.gradient.explained + ends.gradient.explained
        found.gradient.found = found.gradient.found + ends.gradient.found
        found.adam.explained = found.adam.explained + ends.adam.explained
        found.adam.found = found.adam.found + ends.adam.found
        if network == 0, panels.count < 4 { panels.append(panel(kind, landscape, others)) }
      }
      findings.append(found)
    }
    return ExperimentReport(
      tables: [table(kinds, findings)], figures: [figure(panels)],
      closing: closing(kinds, findings))
  }

  private func table(_ kinds: [Landscape.Kind], _ findings: [Findings]) -> ResultTable {
    var table = ResultTable(
      name: "descents",
      title: "Minima on a grid of \(gridCount) x \(gridCount) and ends of \(iterations) iterations "
        + "from \(starts) starts on each of \(networks) networks (intervals as if all starts were "
        + "independent)",
      columns: [
        .init("network"), .init("grid minima", .mean), .init("other minima", .mean),
        .init("flat share of grid", .mean), .init("gradient: explained", .share),
        .init("gradient: z* found", .share), .init("Adam: explained", .share),
        .init("Adam: z* found", .share),
      ])
    for (kind, found) in zip(kinds, findings) {
      table.add([
        .text(kind.name), .mean(Mean(found.gridMinima)), .mean(Mean(found.otherMinima)),
        .mean(Mean(found.flatShares)), .share(found.gradient.explained),
        .share(found.gradient.found), .share(found.adam.explained), .share(found.adam.found),
      ])
    }
    return table
  }

  // MARK: the figure

  private static let plantedStyle = SeriesStyle(
    colour: Palette.series(1), marker: .cross, hasLine: false, radius: 6.5)
  private static let otherStyle = SeriesStyle(
    colour: Palette.paper, marker: .circle, hasLine: false, outline: Palette.ink, radius: 4.5)

  private func panel(
    _ kind: Landscape.Kind, _ landscape: Landscape, _ others: [[Float]]
  ) -> HeatMap {
    let planted = landscape.planted.latent.map(Double.init)
    func axis(_ entry: Int) -> AxisScale {
      .linear(planted[entry] - reach...planted[entry] + reach)
    }
    let marks = others.map {
      HeatMap.Mark(x: Double($0[0]), y: Double($0[1]), style: Self.otherStyle)
    }
    return HeatMap(
      axes: Axes(title: kind.name, x: axis(0), y: axis(1), xName: "z1", yName: "z2"),
      values: landscape.losses, colours: .logarithmic(1e-4...1),
      colourName: "loss / largest loss shown",
      marks: marks + [HeatMap.Mark(x: planted[0], y: planted[1], style: Self.plantedStyle)])
  }

  private func figure(_ panels: [HeatMap]) -> Figure {
    Figure(
      name: "landscapes",
      title: "Loss over the latent plane, half of the output observed",
      panels: panels, columns: 2, panelHeight: 340,
      legend: [
        LegendEntry(name: "planted latent z*", style: Self.plantedStyle),
        LegendEntry(name: "other local minimum, confirmed by descent", style: Self.otherStyle),
      ])
  }

  private func closing(_ kinds: [Landscape.Kind], _ findings: [Findings]) -> String {
    let single = zip(kinds, findings).prefix(3).map { kind, found in
      "\(kind.name) \(found.withOthers.trials - found.withOthers.successes) of "
        + "\(found.withOthers.trials)"
    }.joined(separator: ", ")
    let reached = zip(kinds, findings).prefix(3).map { kind, found in
      "\(kind.name) \(found.gradient.found.value.fixed(2)) by gradient descent and "
        + "\(found.adam.found.value.fixed(2)) by Adam"
    }.joined(separator: "; ")
    let flat = findings[3]
    let positive = findings[4]
    let gaussian = findings.prefix(3)
    let others = gaussian.reduce(0) { $0 + $1.withOthers.successes }
    let planted = findings.map(\.lowestIsPlanted).reduce(Share(0, of: 0), +)
    let directions = findings[0].directions
    let place =
      directions.isEmpty
      ? ""
      : " With ReLU those minima lie at \(Mean(directions.map(\.share)).value.short(2)) z* on "
        + "average (cosine \(Mean(directions.map(\.cosine)).value.short(2))); the theory allows a "
        + "stationary point near a negative multiple of z*."
    let lost = gaussian.reduce(0) { $0 + $1.adam.found.trials - $1.adam.found.successes }
    return """
      This redraws \(Self.source). The paper shows a unique global minimum for ReLU, sigmoid and \
      tanh with Gaussian weights, quasi-convex landscapes for the latter two, and a flat global \
      minimum for weights uniform in [0, 1]; its descents never ended anywhere but at the planted \
      latent. Here the planted latent is the lowest point of the grid on \(planted.successes) of \
      \(planted.trials) networks. Networks on which no descent from a minimum of the grid ended \
      anywhere else: \(single). Random starts that reached the planted latent (error up to 1 %): \
      \(reached). \(others == 0 && lost == 0
        ? "This is as in the paper."
        : "Unlike in the paper, \(lost) of Adam's starts on the Gaussian networks ended elsewhere "
          + "and \(others) of these networks have a minimum that holds a descent.\(place)")

      With weights in [0, 1] and both entries of the planted latent negative the network is off: \
      \((100 * flat.flatShares.reduce(0, +) / Double(networks)).fixed(0)) % of the square explain the \
      observation, Adam explains it from \(flat.adam.explained.value.fixed(2)) of the starts and \
      finds the planted latent from \(flat.adam.found.value.fixed(2)) of them, which is the collapse \
      of figure 4(d). With both entries positive the same weights have no such flat set \
      (\((100 * positive.flatShares.reduce(0, +) / Double(networks)).short(2)) % of the grid), and \
      \(positive.adam.found.value.fixed(2)) of the starts find the latent: the counterexample is \
      one of a region of latents, not of all of them. Differences: the paper has one network of \
      each kind and no counts; the square reaches \(reach.short()) to each side of the planted \
      latent, whose size the paper does not give.
      """
  }
}
