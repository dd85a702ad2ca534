import LinearAlgebra

/// Resamples every channel of an image: along its rows first, then along its columns. The adjoint
/// goes back in the other order.
struct ResamplingMap: LinearMap {
  let channels: Int
  let vertical: AxisResampling
  let horizontal: AxisResampling

  var inputCount: Int { channels * vertical.inputExtent * horizontal.inputExtent }
  var outputCount: Int { channels * vertical.outputExtent * horizontal.outputExtent }

  /// Two an entry that two others are weighed for, one that is copied.
  var multiplyCount: Int {
    let between = channels * vertical.inputExtent * horizontal.outputExtent
    return between * (horizontal.isSelection ? 1 : 2) + outputCount * (vertical.isSelection ? 1 : 2)
  }

  func apply(_ x: Batch) -> Batch {
    let width = horizontal.outputExtent
    return resampled(x, to: outputCount) { image, between, result in
      for row in 0..<vertical.inputExtent {
        horizontal.apply(image + row * horizontal.inputExtent, between + row * width)
      }
      for row in 0..<vertical.outputExtent {
        let first = between + vertical.first[row] * width
        let second = between + vertical.second[row] * width
        let share = vertical.secondShare[row]
        let to = result + row * width
        if share == 0 {
          to.update(from: first, count: width)
        } else {
          for column in 0..<width {
            to[column] = (1 - share) * first[column] + share * second[column]
          }
        }
      }
    }
  }

  func applyAdjoint(_ y: Batch) -> Batch {
    let width = horizontal.outputExtent
    return resampled(y, to: inputCount) { image, between, result in
      between.update(repeating: 0, count: vertical.inputExtent * width)
      for row in 0..<vertical.outputExtent {
        let first = between + vertical.first[row] * width
        let second = between + vertical.second[row] * width
        let share = vertical.secondShare[row]
        let from = image + row * width
        for column in 0..<width { first[column] += (1 - share) * from[column] }
        if share != 0 {
          for column in 0..<width { second[column] += share * from[column] }
        }
      }
      for row in 0..<vertical.inputExtent {
        horizontal.applyAdjoint(between + row * width, result + row * horizontal.inputExtent)
      }
    }
  }

  /// Goes over the channels of all rows, with room for one that is resampled along its rows only.
  private func resampled(
    _ x: Batch, to width: Int,
    _ body: (
      _ image: UnsafePointer<Float>, _ between: UnsafeMutablePointer<Float>,
      _ result: UnsafeMutablePointer<Float>
    ) -> Void
  ) -> Batch {
    let planes = x.count * channels
    return Batch(count: x.count, width: width) { result in
      x.values.withUnsafeBufferPointer { x in
        Workspace.withRoom(for: vertical.inputExtent * horizontal.outputExtent) { between in
          guard let from = x.baseAddress, let to = result.baseAddress,
            let between = between.baseAddress
          else { return }
          for plane in 0..<planes {
            body(from + plane * (x.count / planes), between, to + plane * (result.count / planes))
          }
        }
      }
    }
  }
}

extension AxisResampling {
  /// One row of an image to the wider one.
  fileprivate func apply(_ row: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>) {
    for place in 0..<outputExtent {
      let share = secondShare[place]
      result[place] = (1 - share) * row[first[place]] + share * row[second[place]]
    }
  }

  fileprivate func applyAdjoint(
    _ row: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>
  ) {
    result.update(repeating: 0, count: inputExtent)
    for place in 0..<outputExtent {
      let share = secondShare[place]
      result[first[place]] += (1 - share) * row[place]
      result[second[place]] += share * row[place]
    }
  }
}
