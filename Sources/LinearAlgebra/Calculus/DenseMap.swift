/// A linear map given by its matrix.
public struct DenseMap: LinearMap {
  public let inputCount: Int
  public let outputCount: Int
  /// `[outputCount, inputCount]`, row-major: PyTorch's layout of a linear layer's weight.
  public let matrix: [Float]

  /// `matrix.count` must be `outputCount * inputCount`.
  public init(matrix: [Float], inputCount: Int, outputCount: Int) {
    precondition(matrix.count == inputCount * outputCount, "the matrix fits its counts")
    self.matrix = matrix
    self.inputCount = inputCount
    self.outputCount = outputCount
  }

  public var multiplyCount: Int { matrix.count }

  public func apply(_ x: Batch) -> Batch {
    precondition(x.width == inputCount, "a row has one entry an input")
    return product(of: x, .transposed, width: outputCount)
  }

  public func applyAdjoint(_ y: Batch) -> Batch {
    precondition(y.width == outputCount, "a row has one entry an output")
    return product(of: y, .none, width: inputCount)
  }

  /// The matrix transposed, once a sample.
  public func columns(for samples: Int) -> Batch {
    Batch(count: samples * inputCount, width: outputCount) { columns in
      guard samples > 0 else { return }
      for output in 0..<outputCount {
        for input in 0..<inputCount {
          columns[input &* outputCount &+ output] = matrix[output &* inputCount &+ input]
        }
      }
      let size = inputCount * outputCount
      guard let base = columns.baseAddress, size > 0 else { return }
      for sample in 1..<samples {
        (base + sample * size).update(from: base, count: size)
      }
    }
  }

  /// The map to some of the outputs only, in the order given.
  public func selectingOutputs(_ indices: [Int]) -> DenseMap {
    var rows: [Float] = []
    rows.reserveCapacity(indices.count * inputCount)
    for index in indices {
      rows.append(contentsOf: matrix[index * inputCount..<(index + 1) * inputCount])
    }
    return DenseMap(matrix: rows, inputCount: inputCount, outputCount: indices.count)
  }

  private func product(of x: Batch, _ transposition: Transposition, width: Int) -> Batch {
    guard inputCount > 0, outputCount > 0 else { return Batch(zeros: x.count, width: width) }
    let rows = x.count
    return Batch(count: rows, width: width) { result in
      x.values.withUnsafeBufferPointer { x in
        matrix.withUnsafeBufferPointer { matrix in
          guard let x = x.baseAddress, let matrix = matrix.baseAddress,
            let result = result.baseAddress
          else { return }
          let columns = transposition == .transposed ? inputCount : outputCount
          multiply(
            MatrixView(x, rows: rows, columns: columns), .none,
            MatrixView(matrix, rows: outputCount, columns: inputCount), transposition,
            into: result)
        }
      }
    }
  }
}
