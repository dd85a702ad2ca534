import Documents
import LinearAlgebra
import Measurements
import Testing

/// Laws over the whole catalogue of measurements: a kind that is added is tested unasked, and the
/// tests fail until it has an example.
struct MeasurementCatalogueTests {
  @Test func everyKindHasExamples() {
    for kind in MeasurementCatalogue.kinds {
      #expect(
        MeasurementExample.all.contains { $0.type == kind.type },
        "\(kind.type) needs an example in MeasurementExample.all")
    }
    #expect(
      Set(MeasurementCatalogue.kinds.map { $0.type }).count == MeasurementCatalogue.kinds.count)
  }

  @Test(arguments: MeasurementExample.all)
  func derivativesHaveTheirAdjoints(example: MeasurementExample) throws {
    let measurement = try example.build()
    var random = RandomNumbers(seed: 600)
    let x = random.normal(count: 2, width: measurement.inputCount)
    let linearization = measurement.linearize(at: x)
    #expect(measurement.inputCount == example.signalShape.reduce(1, *))
    #expect(linearization.value == measurement.evaluate(x))
    #expect(linearization.value.width == measurement.outputCount)
    // Three tangents a sample.
    let tangents = random.normal(count: 6, width: measurement.inputCount)
    let cotangents = random.normal(count: 6, width: measurement.outputCount)
    let pushed = linearization.jacobian.apply(tangents)
    let pulled = linearization.jacobian.applyAdjoint(cotangents)
    for row in 0..<6 {
      let forward = inner(pushed[row], cotangents[row])
      let backward = inner(tangents[row], pulled[row])
      #expect(abs(forward - backward) <= 1e-5 * (abs(forward) + 1), "row \(row)")
    }
    let columns = linearization.jacobian.columns(for: 2)
    let expected = linearization.jacobian.apply(.identities(measurement.inputCount, for: 2))
    #expect(columns.count == expected.count)
    expectClose(columns.values, expected.values[...], within: 1e-6)
    // Differences of a step on which measurements that are linear are exact.
    let moved = Batch(
      count: 2, width: x.width,
      values: zip(x.values, tangents.rows([0, 3]).values).map { $0 + 0.5 * $1 })
    let differences = zip(measurement.evaluate(moved).values, linearization.value.values).map {
      ($0 - $1) / 0.5
    }
    if measurement.isLinear {
      for (difference, slope) in zip(differences, pushed.rows([0, 3]).values) {
        #expect(abs(difference - slope) < 2e-5 * (abs(slope) + 10))
      }
    }
  }

  /// Central differences of those that are not linear, away from kinks: the step is too small for a
  /// sign to change in any of the examples but at a few entries that are left out. What has no
  /// useful derivative says that it is zero.
  @Test(arguments: MeasurementExample.all)
  func derivativesAreDifferences(example: MeasurementExample) throws {
    let measurement = try example.build()
    guard !measurement.isLinear else { return }
    var random = RandomNumbers(seed: 603)
    let x = random.normal(count: 3, width: measurement.inputCount)
    let direction = random.normal(count: 3, width: measurement.inputCount)
    let step: Float = 1e-3
    func moved(_ by: Float) -> [Float] {
      let values = zip(x.values, direction.values).map { $0 + by * $1 }
      return measurement.evaluate(Batch(count: 3, width: x.width, values: values)).values
    }
    let differences = zip(moved(step), moved(-step)).map { ($0 - $1) / (2 * step) }
    let slopes = measurement.linearize(at: x).jacobian.apply(direction).values
    let scale = max(1, slopes.map(abs).max() ?? 0)
    // Rounding of values of size ten leaves a difference good to about 1e-3.
    let wrong = zip(differences, slopes).count { abs($0 - $1) > 1e-2 * scale }
    #expect(wrong <= slopes.count / 20, "\(wrong) of \(slopes.count)")
    #expect(measurement.isDifferentiable == slopes.contains { $0 != 0 })
    let observation = Array(measurement.evaluate(x)[0])
    #expect((measurement.surrogate(for: observation) == nil) == measurement.isDifferentiable)
  }

  @Test(arguments: MeasurementExample.all)
  func rowsAreIndependent(example: MeasurementExample) throws {
    let measurement = try example.build()
    var random = RandomNumbers(seed: 601)
    let x = random.normal(count: 4, width: measurement.inputCount)
    let all = measurement.evaluate(x)
    for row in 0..<4 {
      let single = measurement.evaluate(Batch(row: Array(x[row]))).values
      if measurement.observedEntries != nil {
        #expect(single == Array(all[row]))
      }
      // Products of many rows add in another order.
      expectClose(single, all[row], within: 2e-6)
    }
  }

  @Test(arguments: MeasurementExample.all)
  func shapesHoldTheOutputs(example: MeasurementExample) throws {
    let measurement = try example.build()
    #expect(measurement.outputShape.reduce(1, *) == measurement.outputCount)
    #expect(measurement.multiplyCount >= 1)
    #expect(measurement.isLinear == (measurement is any LinearMap))
  }

  /// `A A^T = s I` where a measurement says so.
  @Test(arguments: MeasurementExample.all)
  func rowsAreOrthogonalWhereTheyAreSaidToBe(example: MeasurementExample) throws {
    guard let measurement = try example.build() as? any Measurement & LinearMap,
      let scale = measurement.squaredRowNorm
    else { return }
    let there = measurement.applyAdjoint(.identities(measurement.outputCount, for: 1))
    let back = measurement.apply(there)
    let expected = Batch.identities(measurement.outputCount, for: 1).values.map {
      $0 * Float(scale)
    }
    expectClose(back.values, expected[...], within: 1e-6)
  }

  /// The stored document is all that is needed to make the measurement again.
  @Test(arguments: MeasurementExample.all)
  func areMadeAgainFromTheirDocument(example: MeasurementExample) throws {
    let first = try example.build()
    let text = JSONWriter.bytes(of: first.document)
    let again = try MeasurementCatalogue.build(
      JSONParser().parse(text), signalShape: example.signalShape)
    #expect(again.document == first.document)
    #expect(again.observedEntries == first.observedEntries)
    #expect(again.outputCount == first.outputCount)
    var random = RandomNumbers(seed: 602)
    let x = random.normal(count: 2, width: first.inputCount)
    #expect(again.evaluate(x) == first.evaluate(x))
  }

  @Test(arguments: MeasurementExample.all)
  func observedEntriesAreWhatIsSeen(example: MeasurementExample) throws {
    let measurement = try example.build()
    guard let entries = measurement.observedEntries else { return }
    #expect(entries.count == measurement.outputCount)
    #expect(Set(entries).count == entries.count)
    let x = Batch(row: (0..<measurement.inputCount).map(Float.init))
    #expect(measurement.evaluate(x).values == entries.map(Float.init))
  }

  @Test(arguments: MeasurementExample.all)
  func refusesWhatNobodyKnows(example: MeasurementExample) {
    var changed = example
    var object = example.document.object!
    object["frobnicate"] = 1
    changed.document = .object(object)
    let error = refusal(changed)
    #expect(error?.kind == .malformed)
    #expect(error?.fields.map(\.pointer) == ["/measurement/frobnicate"])
  }

  @Test func schemasAreWellFormed() {
    for kind in MeasurementCatalogue.kinds {
      #expect(!kind.summary.isEmpty && !kind.type.isEmpty)
      let names = kind.parameters.map(\.name)
      #expect(Set(names).count == names.count && !names.contains("type"))
      for parameter in kind.parameters {
        let schema = parameter.schema.object
        #expect(schema?["type"] != nil || schema?["oneOf"] != nil, "\(kind.type).\(parameter.name)")
      }
    }
  }

  @Test func refusesUnknownTypesByName() {
    for (document, pointer) in [
      (["type": "hologram"], "/measurement/type"), (["type": 3], "/measurement/type"),
      ([:], "/measurement/type"), ([1, 2], "/measurement"), ("mask", "/measurement"),
    ] as [(JSONValue, String)] {
      let error = refusal(MeasurementExample(name: "", signalShape: [3], document: document))
      #expect(error?.kind == .malformed)
      #expect(error?.fields.first?.pointer == pointer)
    }
  }

  private func refusal(_ example: MeasurementExample) -> DocumentError? {
    do {
      _ = try example.build()
      return nil
    } catch {
      return error
    }
  }

  /// - Parameter tolerance: of the distance, as a share of the length.
  private func expectClose(
    _ found: [Float], _ expected: ArraySlice<Float>, within tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    let distance = sumOfSquares(zip(found, expected).map { $0 - $1 }).squareRoot()
    #expect(
      distance <= tolerance * sumOfSquares(expected).squareRoot() + 1e-12,
      sourceLocation: sourceLocation)
  }

  private func inner(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
