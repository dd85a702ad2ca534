import LinearAlgebra

/// What an inversion found, and how far it can be trusted.
public struct Solution: Sendable {
  /// `z`, one number a latent entry.
  public var latent: [Float]
  /// `G(z)`, the whole signal.
  public var reconstruction: [Float]
  public var residual: ResidualNorms
  public var termination: Termination
  public var verdict: Verdict
  public var certificate: Certificate
  /// Of the layer-wise solution that the latent is or came from; `nil` where none was computed.
  public var layerwise: LayerwiseCertificate?
  /// The catalogue's name of the method that found the latent.
  public var solver: String
  /// What was chosen and why, where the choice was the product's.
  public var choice: String?
  /// Iterations of all restarts together.
  public var iterations: Int
  public var restarts: Int
  /// Work in evaluations of the forward map on one latent.
  public var forwardEquivalents: Double
  public var trace: Trace
}

/// How far `A G(z)` is from `y`: infinitely far where either is not finite.
public struct ResidualNorms: Sendable, Equatable {
  public var l2: Double
  /// `l2 / |y|`; infinite for an observation of zeros that is not met.
  public var relative: Double
  /// The largest single error.
  public var linf: Double
  /// `l2 / sqrt(m)`
  public var rms: Double

  package init(predicted: [Float], observed: [Float]) {
    let differences = zip(predicted, observed).map { $0 - $1 }
    guard differences.allSatisfy(\.isFinite) else {
      (l2, relative, linf, rms) = (.infinity, .infinity, .infinity, .infinity)
      return
    }
    l2 = sumOfSquares(differences).squareRoot()
    let scale = sumOfSquares(observed).squareRoot()
    relative = l2 == 0 ? 0 : l2 / scale
    linf = differences.reduce(0) { max($0, Double(abs($1))) }
    rms = l2 / Double(max(observed.count, 1)).squareRoot()
  }
}

/// The smallest loss so far against the iteration, thinned to a bounded number of points.
public struct Trace: Sendable, Equatable {
  public private(set) var iterations: [Int] = []
  public private(set) var losses: [Double] = []
  private var stride = 1
  private static let pointsMax = 200

  mutating func record(iteration: Int, loss: Double) {
    guard loss.isFinite, iteration % stride == 0 else { return }
    iterations.append(iteration)
    losses.append(loss)
    guard iterations.count > Self.pointsMax else { return }
    stride *= 2
    let kept = iterations.indices.filter { iterations[$0] % stride == 0 }
    iterations = kept.map { iterations[$0] }
    losses = kept.map { losses[$0] }
  }
}

extension Trace: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    iterations = try reader.read()
    losses = try reader.read()
    stride = try reader.read()
    guard losses.count == iterations.count, stride >= 1 else {
      throw .malformed("a trace of \(iterations.count) iterations and \(losses.count) losses")
    }
  }

  public func write(to writer: inout CheckpointWriter) {
    writer.write(iterations)
    writer.write(losses)
    writer.write(stride)
  }
}
