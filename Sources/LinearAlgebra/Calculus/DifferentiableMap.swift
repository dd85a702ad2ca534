/// A map applied to a batch, one sample a row. Generators, measurements, their compositions and
/// the residual of an inverse problem are all of this kind.
public protocol DifferentiableMap: Sendable {
  /// Entries of a row that goes in.
  var inputCount: Int { get }
  /// Entries of a row that comes out.
  var outputCount: Int { get }

  /// Multiplications of evaluating one row: what methods are chosen by.
  var multiplyCount: Int { get }

  /// - Parameter x: handed over, so that a map which keeps the shape may work in its memory.
  func evaluate(_ x: consuming Batch) -> Batch

  /// The value at `x` and the Jacobian there, sharing their common work.
  func linearize(at x: consuming Batch) -> Linearization
}

extension DifferentiableMap {
  public var multiplyCount: Int { outputCount }
}

/// A map and its derivative at the rows of one batch.
public struct Linearization: Sendable {
  /// `f(x)`, one row a sample.
  public var value: Batch
  /// `df/dx`, bound to the samples of `value`.
  public var jacobian: any LinearMap

  public init(value: Batch, jacobian: any LinearMap) {
    self.value = value
    self.jacobian = jacobian
  }
}

/// A linear map with its adjoint: `<A x, y> = <x, A^T y>`. As a Jacobian, `apply` is the
/// Jacobian-vector product and `applyAdjoint` the vector-Jacobian product.
///
/// A map that is bound to `S` samples takes batches of `S * T` rows, the `T` vectors of a sample
/// next to one another. A map that is the same for every row has `S = 1` and takes any batch.
public protocol LinearMap: DifferentiableMap {
  var sampleCount: Int { get }

  /// - Parameter x: handed over, as in ``DifferentiableMap/evaluate(_:)``.
  func apply(_ x: consuming Batch) -> Batch
  func applyAdjoint(_ y: consuming Batch) -> Batch

  /// The matrices of the map: row `s * inputCount + j` is `A_s e_j`.
  ///
  /// - Parameter samples: how many; `sampleCount`, or any number when the map is not bound.
  func columns(for samples: Int) -> Batch
}

extension LinearMap {
  public var sampleCount: Int { 1 }

  public func evaluate(_ x: consuming Batch) -> Batch { apply(x) }

  public func linearize(at x: consuming Batch) -> Linearization {
    Linearization(value: apply(x), jacobian: self)
  }

  public func columns(for samples: Int) -> Batch {
    apply(.identities(inputCount, for: samples))
  }
}
