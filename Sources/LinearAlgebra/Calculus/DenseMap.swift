/// A linear map given by its matrix.
public struct DenseMap: LinearMap {
  public let inputCount: Int
  public let outputCount: Int
  /// `[outputCount, inputCount]`, row-major: PyTorch's layout of a linear layer's weight.
  public let matrix: [Float]
  /// `[inputCount, outputCount]`; `nil` in a map that is made for one use, and where the memory would
  /// be dear.
  private let transposed: TransposedCopy?

  /// Matrices of more numbers are kept in one orientation only.
  private static let transposedCountMax = 1 << 24

  /// `matrix.count` must be `outputCount * inputCount`.
  public init(matrix: [Float], inputCount: Int, outputCount: Int) {
    let copy =
      matrix.count <= Self.transposedCountMax
      ? TransposedCopy(of: matrix, rows: outputCount, columns: inputCount) : nil
    self.init(
      matrix: matrix, transposed: copy, inputCount: inputCount, outputCount: outputCount)
  }

  private init(
    matrix: [Float], transposed: TransposedCopy?, inputCount: Int, outputCount: Int
  ) {
    precondition(matrix.count == inputCount * outputCount, "the matrix fits its counts")
    self.matrix = matrix
    self.transposed = transposed
    self.inputCount = inputCount
    self.outputCount = outputCount
  }

  public var multiplyCount: Int { matrix.count }

  public func apply(_ x: consuming Batch) -> Batch {
    precondition(x.width == inputCount, "a row has one entry an input")
    guard x.count > 1, let transposed else {
      return product(of: x, matrix, .transposed, width: outputCount)
    }
    return product(of: x, transposed.values, .none, width: outputCount)
  }

  public func applyAdjoint(_ y: consuming Batch) -> Batch {
    precondition(y.width == outputCount, "a row has one entry an output")
    return product(of: y, matrix, .none, width: inputCount)
  }

  /// The matrix transposed, once a sample.
  public func columns(for samples: Int) -> Batch {
    let columns = transposed?.values ?? matrix.transposed(rows: outputCount, columns: inputCount)
    return Batch(count: samples * inputCount, width: outputCount) { result in
      for sample in 0..<samples {
        _ = UnsafeMutableBufferPointer(
          rebasing: result[sample * columns.count..<(sample + 1) * columns.count]
        ).update(fromContentsOf: columns)
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
    return DenseMap(
      matrix: rows, transposed: nil, inputCount: inputCount, outputCount: indices.count)
  }

  /// The given outputs only, in that order: ``selectingOutputs(_:)`` for one use.
  func apply(_ x: Batch, toOutputs indices: [Int]) -> Batch {
    precondition(x.width == inputCount, "a row has one entry an input")
    let chosen = Batch(count: indices.count, width: inputCount) { chosen in
      for (place, index) in indices.enumerated() {
        let own = place * inputCount..<(place + 1) * inputCount
        _ = UnsafeMutableBufferPointer(rebasing: chosen[own])
          .update(fromContentsOf: matrix[index * inputCount..<(index + 1) * inputCount])
      }
    }
    return product(of: x, chosen.values, .transposed, width: indices.count)
  }

  private func product(
    of x: Batch, _ matrix: [Float], _ transposition: Transposition, width: Int
  ) -> Batch {
    guard x.width > 0, width > 0 else { return Batch(zeros: x.count, width: width) }
    return Batch(count: x.count, width: width) { result in
      x.values.withUnsafeBufferPointer { values in
        matrix.withUnsafeBufferPointer { matrix in
          guard let values = values.baseAddress, let matrix = matrix.baseAddress,
            let result = result.baseAddress
          else { return }
          let (rows, columns) = transposition == .none ? (x.width, width) : (width, x.width)
          multiply(
            MatrixView(values, rows: x.count, columns: x.width), .none,
            MatrixView(matrix, rows: rows, columns: columns), transposition, into: result)
        }
      }
    }
  }
}
