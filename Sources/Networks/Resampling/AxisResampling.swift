/// How an axis is resampled: each place of the output weighs two places of the input, which are the
/// same where one is enough.
struct AxisResampling: Sendable, Equatable {
  let inputExtent: Int
  /// For each place of the output the two places of the input.
  let first: [Int]
  let second: [Int]
  /// The share of the second; the first has the rest.
  let secondShare: [Float]

  var outputExtent: Int { first.count }
  /// Whether no place weighs two.
  var isSelection: Bool { first == second }
  var isIdentity: Bool { isSelection && first.elementsEqual(0..<inputExtent) }

  /// Nothing is resampled.
  static func identity(_ extent: Int) -> AxisResampling {
    AxisResampling(
      inputExtent: extent, first: Array(0..<extent), second: Array(0..<extent),
      secondShare: [Float](repeating: 0, count: extent))
  }

  /// The place of the input at or before each place of the output.
  ///
  /// - Parameter step: places of the input from one place of the output to the next.
  static func nearest(input: Int, output: Int, step: Float) -> AxisResampling {
    let chosen = (0..<output).map { min(Int(Float($0) * step), input - 1) }
    return AxisResampling(
      inputExtent: input, first: chosen, second: chosen,
      secondShare: [Float](repeating: 0, count: output))
  }

  /// Straight lines between the centres of pixels.
  static func linear(input: Int, output: Int, step: Float) -> AxisResampling {
    between(input: input, at: (0..<output).map { max(step * (Float($0) + 0.5) - 0.5, 0) })
  }

  /// Straight lines between pixels, the first one being the first of both sides.
  static func linearFromOrigin(input: Int, output: Int, step: Float) -> AxisResampling {
    between(input: input, at: (0..<output).map { step * Float($0) })
  }

  /// Straight lines between pixels, the outermost ones being the outermost of both sides.
  static func linearBetweenCorners(input: Int, output: Int) -> AxisResampling {
    let step = output > 1 ? Float(input - 1) / Float(output - 1) : 0
    return between(input: input, at: (0..<output).map { step * Float($0) })
  }

  private static func between(input: Int, at positions: [Float]) -> AxisResampling {
    let first = positions.map { min(Int($0), input - 1) }
    return AxisResampling(
      inputExtent: input, first: first, second: first.map { min($0 + 1, input - 1) },
      secondShare: zip(positions, first).map { min(max($0 - Float($1), 0), 1) })
  }
}
