import Inversion
import LinearAlgebra
import Measurements
import Networks

/// An inverse problem whose answer is known.
struct PlantedProblem {
  let problem: InverseProblem
  /// `z*`
  let latent: [Float]
  /// `G(z*)`
  let signal: [Float]

  /// What is observed is what the measurement shows of `G(latent)`.
  init(_ generator: Generator, _ measurement: any Measurement, latent: [Float]) {
    let signal = generator.evaluate(Batch(row: latent)).values
    problem = .noiseless(
      generator, measurement, observation: measurement.evaluate(Batch(row: signal)).values)
    self.latent = latent
    self.signal = signal
  }

  /// The observation has errors whose deviation the solvers are told; `nil` when they are not.
  init(
    _ generator: Generator, _ measurement: any Measurement, latent: [Float], observation: [Float],
    deviation: Double?
  ) {
    problem = .noisy(generator, measurement, observation: observation, deviation: deviation)
    self.latent = latent
    signal = generator.evaluate(Batch(row: latent)).values
  }

  /// `|z - z*| / |z*|`
  func latentError(_ latent: [Float]) -> Double {
    distance(latent, self.latent) / norm(self.latent)
  }

  func latentError(_ latent: [Double]) -> Double {
    zip(latent, self.latent).reduce(0) { sum, pair in
      let difference = pair.0 - Double(pair.1)
      return sum + difference * difference
    }.squareRoot() / norm(self.latent)
  }

  /// `|x - G(z*)| / |G(z*)|`
  func signalError(_ signal: [Float]) -> Double {
    distance(signal, self.signal) / norm(self.signal)
  }

  /// Whether to first order the observation determines the planted latent: its Jacobian there has
  /// full rank, as far as single precision tells.
  var isIdentifiable: Bool {
    let columns = problem.forward.linearize(at: Batch(row: latent)).jacobian.columns(for: 1)
    let gram = columns.values.withUnsafeBufferPointer { values in
      values.baseAddress.map {
        SymmetricMatrix(
          preciseGramOf: MatrixView($0, rows: columns.count, columns: columns.width))
      }
    }
    guard let eigenvalues = gram?.eigen()?.values, let largest = eigenvalues.last, largest > 0
    else { return false }
    return eigenvalues[0] > 4e-12 * largest
  }
}

/// The product counts a latent as found up to this relative error.
let latentErrorMax = 1e-3

func norm(_ vector: [Float]) -> Double { sumOfSquares(vector).squareRoot() }

func distance(_ a: [Float], _ b: [Float]) -> Double {
  sumOfSquares(zip(a, b).map { $0 - $1 }).squareRoot()
}

extension RandomNumbers {
  /// Numbers of one trial of one experiment, independent of every other's.
  init(seed: UInt64, _ purpose: String, trial: Int = 0) {
    // FNV-1a.
    let hash = purpose.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    self.init(seed: seed, stream: hash &+ UInt64(trial) &* 0x9e37_79b9_7f4a_7c15)
  }
}
