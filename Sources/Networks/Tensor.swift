/// A dense array of numbers as a weight file names it, row-major.
public struct Tensor: Sendable, Equatable {
  /// Extents, outermost first; empty for a scalar.
  public var shape: [Int]
  /// `shape` multiplied out, the last index running fastest.
  public var values: [Float]

  /// `values.count` must be the product of `shape`.
  public init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "a tensor's shape must fit its values")
    self.shape = shape
    self.values = values
  }
}
