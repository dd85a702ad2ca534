/// A dense array of numbers as a weight file names it, row-major.
public struct Tensor: Sendable, Equatable {
  /// Extents, outermost first; empty for a scalar.
  public var shape: [Int]
  /// `shape` multiplied out, the last index running fastest; empty in an outline.
  public var values: [Float]

  /// `values.count` must be the product of `shape`.
  public init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "a tensor's shape must fit its values")
    self.shape = shape
    self.values = values
  }

  /// A tensor of which only the shape is known, for finding out whether a generator can be built
  /// without holding it.
  public init(outline shape: [Int]) {
    self.shape = shape
    values = []
  }

  /// How many values it has, or is an outline of.
  public var count: Int { shape.reduce(1, *) }
}
