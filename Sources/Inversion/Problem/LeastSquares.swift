import LinearAlgebra

/// `f(z) = |r(z)|^2 / 2` of a residual map, for several latents at once.
public struct LeastSquares: Sendable {
  /// `r`, from the latent to one number an observed entry.
  public let residual: Chain
  /// `|y|^2 / 2`, which losses are compared with.
  public let scale: Double

  init(_ prediction: Chain, _ comparison: any DifferentiableMap, scale: Double) {
    residual = Chain(prediction.stages + [comparison], inputCount: prediction.inputCount)
    self.scale = scale
  }

  public var latentCount: Int { residual.inputCount }

  /// One loss a row; a residual that is not finite has an infinite loss.
  public func losses(at z: Batch) -> [Double] {
    Self.losses(ofResiduals: residual.evaluate(z))
  }

  static func losses(ofResiduals residuals: Batch) -> [Double] {
    (0..<residuals.count).map { row in
      let loss = sumOfSquares(residuals[row]) / 2
      return loss.isFinite ? loss : .infinity
    }
  }

  /// The loss and its gradient `J^T r`, row by row.
  public func gradients(at z: Batch) -> (losses: [Double], gradients: Batch) {
    let linearization = residual.linearize(at: z)
    return (
      Self.losses(ofResiduals: linearization.value),
      linearization.jacobian.applyAdjoint(linearization.value)
    )
  }

  /// The loss, its gradient and `J^T J` of each row.
  public func normalEquations(at z: Batch) -> [NormalEquations] {
    let linearization = residual.linearize(at: z)
    let columns = linearization.jacobian.columns(for: z.count)
    let losses = Self.losses(ofResiduals: linearization.value)
    let size = latentCount
    return (0..<z.count).map { row in
      columns.values.withUnsafeBufferPointer { columns in
        linearization.value.values.withUnsafeBufferPointer { residuals in
          guard let columns = columns.baseAddress, let residuals = residuals.baseAddress else {
            return NormalEquations(
              loss: losses[row], gradient: [Double](repeating: 0, count: size),
              gram: SymmetricMatrix(
                size: size, values: [Double](repeating: 0, count: size * size)))
          }
          let count = linearization.value.width
          let jacobian = MatrixView(columns + row * size * count, rows: size, columns: count)
          let gradient = (0..<size).map {
            Double(dot(jacobian.base + $0 * count, residuals + row * count, count: count))
          }
          return NormalEquations(
            loss: losses[row], gradient: gradient, gram: SymmetricMatrix(gramOf: jacobian))
        }
      }
    }
  }
}

/// A quadratic model of the loss at one latent: `f + g d + d^T (J^T J) d / 2`.
public struct NormalEquations: Sendable {
  public var loss: Double
  /// `J^T r`
  public var gradient: [Double]
  /// `J^T J`
  public var gram: SymmetricMatrix
}
