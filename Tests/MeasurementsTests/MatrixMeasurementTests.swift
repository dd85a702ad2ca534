import Documents
import Foundation
import LinearAlgebra
import Measurements
import SignalFormats
import Testing

struct MatrixMeasurementTests {
  private func document(_ values: [Float], _ shape: [Int]) -> JSONValue {
    let file = Data(NPY.write(values, shape: shape))
    return ["type": "matrix", "npy": .string(file.base64EncodedString())]
  }

  @Test func rowsAreRows() throws {
    let measurement = try MeasurementCatalogue.build(
      document([1, 2, 3, 0, -1, 4], [2, 3]), signalShape: [3])
    #expect(measurement.evaluate(Batch(row: [1, 10, 100])).values == [321, 390])
  }

  @Test func codeMadeMatricesHaveDocuments() throws {
    let matrix = DenseMap(matrix: [1, 2, 3, 4], inputCount: 4, outputCount: 1)
    let again = try MeasurementCatalogue.build(
      MatrixMeasurement(matrix).document, signalShape: [2, 2])
    #expect(again.evaluate(Batch(row: [1, 1, 1, 1])).values == [10])
  }

  @Test func refusesByName() {
    let cases: [(JSONValue, DocumentError.Kind, MeasurementLimits)] = [
      (["type": "matrix"], .malformed, .init()),
      (["type": "matrix", "npy": 3], .malformed, .init()),
      (["type": "matrix", "npy": "?"], .malformed, .init()),
      (["type": "matrix", "npy": "AAAA"], .unprocessable, .init()),
      (document([1, 2, 3, 4], [1, 4]), .unprocessable, .init()),
      (document([1, 2, 3], [3]), .unprocessable, .init()),
      (document([1, 2, 3], [1, 1, 3]), .unprocessable, .init()),
      (document([], [0, 3]), .unprocessable, .init()),
      (document([1, .nan, 3], [1, 3]), .unprocessable, .init()),
      (document([1, 2, 3, 4, -.infinity, 6], [2, 3]), .unprocessable, .init()),
      (
        document([1, 2, 3, 4, 5, 6], [2, 3]), .unprocessable, MeasurementLimits(givenEntriesMax: 5)
      ),
    ]
    for (document, kind, limits) in cases {
      do {
        _ = try MeasurementCatalogue.build(document, signalShape: [3], limits: limits)
        Issue.record("accepted \(document)")
      } catch {
        #expect(error.kind == kind, "\(error)")
        #expect(error.fields.first?.pointer == "/measurement/npy", "\(error)")
      }
    }
  }

  @Test func theLimitItselfIsAllowed() throws {
    let measurement = try MeasurementCatalogue.build(
      document([1, 2, 3, 4, 5, 6], [2, 3]), signalShape: [3],
      limits: MeasurementLimits(givenEntriesMax: 6))
    #expect(measurement.outputCount == 2)
  }
}

extension MeasurementLimits {
  init(givenEntriesMax: Int) {
    self.init()
    self.givenEntriesMax = givenEntriesMax
  }
}
