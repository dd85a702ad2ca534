import LinearAlgebra

/// `f(z) = (|r(z)|^2 + ridge |z|^2) / 2` of a residual map, for several latents at once.
public struct LeastSquares: Sendable {
  /// `r`, from the latent to one number an observed entry, and those of a prior that is no ridge.
  public private(set) var residual: Chain
  /// `|y|^2 / 2`, which losses are compared with.
  public let scale: Double
  /// What a normal prior holds the latents near zero with: one for all rows, or one a row.
  private var ridges = [0.0]

  /// Whether a row may be computed without the others: not where each is compared with its own.
  private var isCuttable = true

  /// That of the first row.
  package var ridge: Double { ridges[0] }

  private func ridge(of row: Int) -> Double { ridges.count == 1 ? ridges[0] : ridges[row] }

  init(_ prediction: Chain, _ comparison: any DifferentiableMap, scale: Double) {
    residual = Chain(prediction.stages + [comparison], inputCount: prediction.inputCount)
    self.scale = scale
  }

  /// - Parameter prior: of the latent; rows of its own follow those of the comparison.
  init(
    _ prediction: Chain, _ comparison: any DifferentiableMap, prior penalty: LatentPrior.Penalty,
    scale: Double
  ) {
    self.init(prediction, comparison, scale: scale)
    let prior: any DifferentiableMap
    switch penalty {
    case .none: return
    case .ridge(let weight):
      ridges = [weight]
      return
    case .residual(let map): prior = map
    }
    let both = Graph(
      [
        Graph.Node(.map(residual), inputs: [0]), Graph.Node(.map(prior), inputs: [0]),
        Graph.Node(.joining(blocks: 1), inputs: [1, 2]),
      ], inputCount: residual.inputCount)
    residual = Chain([both], inputCount: residual.inputCount)
  }

  /// Rows that belong to problems of their own: batches have a row for each target, in this order.
  ///
  /// - Parameters:
  ///   - prediction: what the problems share; the targets are of its outputs.
  ///   - ridges: one a row.
  init(_ prediction: Chain, targets: Batch, ridges: [Double]) {
    residual = Chain(
      prediction.stages + [RowTranslation(origins: targets)], inputCount: prediction.inputCount)
    scale = sumOfSquares(targets.values) / 2
    self.ridges = ridges
    isCuttable = false
  }

  /// What is predicted, and what that is compared with by subtraction and nothing else; `nil` where
  /// the comparison is another one.
  var translation: (prediction: Chain, target: [Float])? {
    guard let comparison = residual.stages.last as? Translation else { return nil }
    let stages = Array(residual.stages.dropLast())
    return (Chain(stages, inputCount: residual.inputCount), comparison.origin)
  }

  public var latentCount: Int { residual.inputCount }

  /// One loss a row; a residual that is not finite has an infinite loss.
  public func losses(at z: Batch) -> [Double] {
    inPieces(z, multiplicationsEach: residual.multiplyCount) { z in
      losses(ofResiduals: residual.evaluate(z), at: z)
    }.flatMap { $0 }
  }

  /// What `body` makes of the rows, some at a time where that is worth another core.
  private func inPieces<Value: Sendable>(
    _ z: Batch, multiplicationsEach: Int, _ body: @Sendable (Batch) -> Value
  ) -> [Value] {
    let ranges =
      isCuttable
      ? SpareCores.ranges(of: z.count, multiplicationsEach: multiplicationsEach) : [0..<z.count]
    return SpareCores.shared.map(ranges.count) { body(z.rows(Array(ranges[$0]))) }
  }

  func losses(ofResiduals residuals: Batch, at z: Batch) -> [Double] {
    (0..<residuals.count).map { row in
      var loss = sumOfSquares(residuals[row]) / 2
      let ridge = ridge(of: row)
      if ridge > 0 { loss += ridge * sumOfSquares(z[row]) / 2 }
      return loss.isFinite ? loss : .infinity
    }
  }

  /// The loss and its gradient `J^T r`, row by row.
  public func gradients(at z: Batch) -> (losses: [Double], gradients: Batch) {
    let pieces = inPieces(z, multiplicationsEach: 2 * residual.multiplyCount, gradientsTogether)
    if pieces.count == 1 { return pieces[0] }
    return (
      pieces.flatMap(\.losses),
      Batch(count: z.count, width: z.width, values: pieces.flatMap(\.gradients.values))
    )
  }

  @Sendable private func gradientsTogether(
    at z: Batch
  ) -> (losses: [Double], gradients: Batch) {
    let linearization = residual.linearize(at: z)
    let losses = losses(ofResiduals: linearization.value, at: z)
    var gradients = linearization.jacobian.applyAdjoint(linearization.value)
    if ridges.contains(where: { $0 > 0 }) {
      z.values.withUnsafeBufferPointer { values in
        gradients.values.withUnsafeMutableBufferPointer { gradients in
          for row in 0..<z.count {
            let weight = Float(ridge(of: row))
            for place in row * z.width..<(row + 1) * z.width {
              gradients[place] += weight * values[place]
            }
          }
        }
      }
    }
    return (losses, gradients)
  }

  /// Entries of the Jacobians that are held at once; one row's are held whatever their size.
  static let jacobianEntriesMax = 1 << 26

  /// The loss, its gradient and `J^T J` of each row.
  public func normalEquations(at z: Batch) -> [NormalEquations] {
    let together = max(1, Self.jacobianEntriesMax / max(1, latentCount * residual.outputCount))
    return stride(from: 0, to: z.count, by: together).flatMap { start in
      inPieces(
        z.rows(Array(start..<min(start + together, z.count))),
        multiplicationsEach: latentCount * residual.multiplyCount, models
      ).flatMap { $0 }
    }
  }

  @Sendable private func models(at z: Batch) -> [NormalEquations] {
    let linearization = residual.linearize(at: z)
    let residuals = linearization.value
    let losses = losses(ofResiduals: residuals, at: z)
    // Residuals that do not move with the latent have no part in the model.
    if let active = (linearization.jacobian as? LinearChain)?.activeColumns() {
      return active.indices.map { row in
        let own = residuals[row]
        let moving = active[row].outputs.map { own[own.startIndex + $0] }
        return NormalEquations(
          loss: losses[row], active[row].columns, 0..<latentCount, moving[...]
        ).held(by: ridge, at: z[row])
      }
    }
    let columns = linearization.jacobian.columns(for: z.count)
    return (0..<z.count).map { row in
      NormalEquations(
        loss: losses[row], columns, row * latentCount..<(row + 1) * latentCount, residuals[row]
      ).held(by: ridge, at: z[row])
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

  /// - Parameters:
  ///   - columns: of the Jacobian, one a row.
  ///   - rows: of `columns`, those that belong to this latent.
  ///   - residual: `r`, one number an entry of a column.
  init(loss: Double, _ columns: Batch, _ rows: Range<Int>, _ residual: ArraySlice<Float>) {
    self.loss = loss
    let count = columns.width
    (gradient, gram) = columns.values.withUnsafeBufferPointer { columns in
      residual.withUnsafeBufferPointer { residual in
        guard let base = columns.baseAddress, let residual = residual.baseAddress else {
          return ([Double](repeating: 0, count: rows.count), SymmetricMatrix(zeros: rows.count))
        }
        return (
          rows.map { Double(dot(base + $0 * count, residual, count: count)) },
          SymmetricMatrix(
            gramOf: MatrixView(base + rows.lowerBound * count, rows: rows.count, columns: count))
        )
      }
    }
  }

  /// With the derivatives of `ridge |z|^2 / 2`, which the loss has already.
  fileprivate func held(by ridge: Double, at latent: ArraySlice<Float>) -> NormalEquations {
    guard ridge > 0 else { return self }
    var held = self
    held.gradient = zip(gradient, latent).map { $0 + ridge * Double($1) }
    held.gram = gram.shifted(by: ridge)
    return held
  }
}

extension NormalEquations {
  /// Of no latent entries.
  static let none = NormalEquations(loss: .infinity, gradient: [], gram: SymmetricMatrix(zeros: 0))

  private init(loss: Double, gradient: [Double], gram: SymmetricMatrix) {
    self.loss = loss
    self.gradient = gradient
    self.gram = gram
  }
}

extension NormalEquations: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    let loss: Double = try reader.read()
    let gradient: [Double] = try reader.read()
    let size = gradient.count
    let (product, overflows) = size.multipliedReportingOverflow(by: size + 1)
    guard !overflows else { throw .malformed("\(size) latent entries") }
    let triangle: [Double] = try reader.readArray(of: product / 2)
    var gram = SymmetricMatrix(zeros: size)
    var place = 0
    for row in 0..<size {
      for column in row..<size {
        gram[row, column] = triangle[place]
        gram[column, row] = triangle[place]
        place += 1
      }
    }
    self.init(loss: loss, gradient: gradient, gram: gram)
  }

  /// One triangle of `J^T J`.
  public func write(to writer: inout CheckpointWriter) {
    writer.write(loss)
    writer.write(gradient)
    writer.write((0..<gram.size).flatMap { row in (row..<gram.size).map { gram[row, $0] } })
  }
}
