import BundledGenerators
import Networks

/// The weights of each layer of trained generators against Gaussians.
public struct MaWeights: Experiment {
  public static let name = "ma-weights"
  public static let summary = "the weights of trained layers against Gaussians"
  public static let source = "Ma et al. 2018, figure 3"
  public static let fullMinutes = 0.1

  /// There is one scale: every weight is looked at.
  public init(_ scale: ExperimentScale) {}

  /// The weights of one layer, and how they are distributed.
  private struct LayerWeights {
    var network: String
    var name: String
    var values: [Float]
    var moments: Moments
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    var steps = progress.steps(BundledGenerator.all.count)
    var networks: [[LayerWeights]] = []
    for bundled in BundledGenerator.all {
      steps.begin(bundled.name)
      let network = try TrainedNetwork(bundled)
      networks.append(
        network.layers.enumerated().map { place, layer in
          LayerWeights(
            network: bundled.name, name: "layer \(place + 1), \(layer.type)",
            values: layer.weight.values, moments: Moments(layer.weight.values))
        })
    }
    return ExperimentReport(
      tables: [table(networks.flatMap { $0 })], figures: networks.map(figure),
      closing: closing(networks.flatMap { $0 }))
  }

  private func table(_ layers: [LayerWeights]) -> ResultTable {
    var table = ResultTable(
      name: "moments",
      title:
        "Weights of trained layers; a Gaussian has skewness and excess kurtosis 0, and an error "
        + "column says how far chance takes a Gaussian sample of that size",
      columns: [
        "network", "layer", "weights", "mean", "mean error", "deviation", "skewness",
        "skewness error", "excess kurtosis", "kurtosis error", "KS distance", "KS by chance (5 %)",
      ].map { .init($0) })
    for layer in layers {
      let moments = layer.moments
      table.add([
        .text(layer.network), .text(layer.name), .count(moments.count), .number(moments.mean),
        .number(moments.deviation / Double(moments.count).squareRoot()),
        .number(moments.deviation), .number(moments.skewness), .number(moments.skewnessError),
        .number(moments.excessKurtosis), .number(moments.kurtosisError),
        .number(moments.gaussianDistance), .number(moments.distanceByChance),
      ])
    }
    return table
  }

  private func figure(_ layers: [LayerWeights]) -> Figure {
    let network = layers.first?.network ?? ""
    let panels = layers.map { layer in
      let moments = layer.moments
      let reach = 5 * moments.deviation
      return Histogram(
        title: layer.name, xName: "weight", numbers: layer.values.map(Double.init),
        range: moments.mean - reach...moments.mean + reach,
        density: { moments.density(at: $0) })
    }
    return Figure(
      name: network, title: "Weights of the layers of \(network)", panels: panels, columns: 2,
      panelHeight: 280,
      legend: [
        LegendEntry(
          name: "weights (those beyond 5 deviations in the outermost columns)",
          style: Histogram.bars),
        LegendEntry(name: "Gaussian of the same mean and deviation", style: Histogram.curve),
      ])
  }

  private func closing(_ layers: [LayerWeights]) -> String {
    let centred = layers.count { abs($0.moments.mean) <= 0.1 * $0.moments.deviation }
    let heavy = layers.filter { $0.moments.excessKurtosis > 3 * $0.moments.kurtosisError }
    let distances = layers.map(\.moments.gaussianDistance)
    let rejected = layers.count { $0.moments.gaussianDistance > $0.moments.distanceByChance }
    let farthest = layers.max { $0.moments.gaussianDistance < $1.moments.gaussianDistance }
    return """
      This redraws \(Self.source), which shows by eye that the weights of each layer of a trained \
      convolutional generator roughly follow a Gaussian of zero mean; the theory assumes one. Here \
      \(centred) of \(layers.count) layers have a mean within a tenth of their deviation from zero. \
      The distribution functions are \((distances.min() ?? 0).short(2)) to \
      \((distances.max() ?? 0).short(2)) from the Gaussian's\(farthest.map {
        ", farthest in \($0.name) of \($0.network)" } ?? ""): \
      \((distances.max() ?? 0) < 0.1 ? "close, as the paper has it" : "not close in every layer"), \
      though with so many weights \(rejected) of \(layers.count) layers are told apart from a \
      Gaussian sample at the 5 % level, and \(heavy.count) have heavier tails. Differences: the \
      generators were trained on Fashion-MNIST, one of them is a perceptron, and the paper gives no \
      numbers to compare with.
      """
  }
}
