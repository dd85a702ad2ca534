import Documents
import LinearAlgebra
import Measurements
import Testing

/// Laws over the whole catalogue of noise: a model that is added is tested unasked, and the tests
/// fail until it has an example.
struct NoiseCatalogueTests {
  @Test func everyKindHasExamples() {
    for kind in NoiseCatalogue.kinds {
      #expect(
        NoiseExample.all.contains { $0.type == kind.type },
        "\(kind.type) needs an example in NoiseExample.all")
      #expect(!kind.summary.isEmpty)
      let names = kind.parameters.map(\.name)
      #expect(Set(names).count == names.count && !names.contains("type"))
      for parameter in kind.parameters {
        let schema = parameter.schema.object
        #expect(schema?["type"] != nil || schema?["oneOf"] != nil, "\(kind.type).\(parameter.name)")
      }
    }
    #expect(Set(NoiseCatalogue.kinds.map { $0.type }).count == NoiseCatalogue.kinds.count)
  }

  @Test(arguments: NoiseExample.all)
  func areMadeAgainFromTheirDocument(example: NoiseExample) throws {
    let model = try example.build()
    let text = JSONWriter.bytes(of: model.document)
    let again = try NoiseCatalogue.build(JSONParser().parse(text))
    #expect(again.document == model.document)
    #expect(model.document == example.document)
    #expect(Swift.type(of: model).type == example.type)
  }

  @Test(arguments: NoiseExample.all)
  func refusesWhatNobodyKnows(example: NoiseExample) {
    var object = example.document.object!
    object["frobnicate"] = 1
    let error = #expect(throws: DocumentError.self) { try NoiseCatalogue.build(.object(object)) }
    #expect(error?.kind == .malformed)
    #expect(error?.fields.map(\.pointer) == ["/noise/frobnicate"])
  }

  /// By the mean value theorem a difference lies between the derivatives on the way. The step is a
  /// thousandth of what the examples measure in, so that rounding leaves three digits.
  @Test(arguments: NoiseExample.all)
  func derivativesAreDifferences(example: NoiseExample) throws {
    let model = try example.build()
    var random = RandomNumbers(seed: 640)
    for _ in 0..<20 {
      let observation = example.observe(example.predictions, &random)
      let residual = model.residual(for: observation)
      let step: Float = 2e-4
      for place in Self.placesOfInterest(observation, &random) {
        func at(_ by: Float) -> (values: [Float], slopes: [Float]) {
          let linearization = residual.linearize(at: Batch(row: place.map { $0 + by }))
          let ones = [Float](repeating: 1, count: place.count)
          #expect(linearization.value == residual.evaluate(Batch(row: place.map { $0 + by })))
          return (linearization.value.values, linearization.jacobian.apply(Batch(row: ones)).values)
        }
        let points = [-step, -step / 2, 0, step / 2, step].map { at($0) }
        for entry in place.indices {
          let ahead = place[entry] + step
          let behind = place[entry] - step
          let difference = (points[4].values[entry] - points[0].values[entry]) / (ahead - behind)
          let slopes = points.map { $0.slopes[entry] }
          let margin = 0.01 * max(1, slopes.map(abs).max() ?? 0)
          let range = (slopes.min() ?? 0) - margin...(slopes.max() ?? 0) + margin
          #expect(
            range.contains(difference),
            "\(observation[entry]) seen, \(place[entry]) predicted: \(difference), \(slopes)")
        }
      }
    }
  }

  /// At what is observed, near it, and in the range of the examples.
  private static func placesOfInterest(
    _ observation: [Float], _ random: inout RandomNumbers
  ) -> [[Float]] {
    let offsets: [Float] = [0, 0.01, -0.01, 0.198, -0.198, 0.2, -0.2, 0.4, -0.4]
    return offsets.map { offset in observation.map { $0 + offset } }
      + (0..<10).map { _ in observation.map { _ in Float(3 * random.uniform() - 1) } }
  }

  @Test(arguments: NoiseExample.all)
  func residualsAreFiniteEverywhere(example: NoiseExample) throws {
    let model = try example.build()
    let residual = model.residual(for: [0, 0.3, 1])
    let approaches = model.approaches(for: [0, 0.3, 1])
    for size in [0, 1e-30, 1e-6, 0.1, 1, 30, 1e3, 1e6, 1e12] as [Float] {
      for prediction in [size, -size] {
        let row = Batch(row: [prediction, prediction, prediction])
        for map in [residual] + approaches {
          let linearization = map.linearize(at: row)
          let slopes = linearization.jacobian.apply(Batch(row: [1, 1, 1])).values
          #expect(linearization.value.values.allSatisfy { $0.isFinite }, "\(prediction)")
          #expect(slopes.allSatisfy { $0.isFinite && $0 >= 0 }, "\(prediction), \(slopes)")
        }
      }
    }
    let lost = residual.evaluate(Batch(row: [.nan, .nan, .nan])).values
    #expect(lost.contains { !$0.isFinite })
  }

  /// Zero at what is observed, of the sign of the error, and growing with it.
  @Test(arguments: NoiseExample.all)
  func residualsAreZeroWhereTheObservationIsExplained(example: NoiseExample) throws {
    let model = try example.build()
    let observation: [Float] = [0.25, 0.5, 0.75]
    let residual = model.residual(for: observation)
    #expect(residual.evaluate(Batch(row: observation)).values == [0, 0, 0])
    for map in [residual] + model.approaches(for: observation) {
      var last: [Float] = [-.infinity, -.infinity, -.infinity]
      for offset in stride(from: -4, through: 4, by: 0.03125) as StrideThrough<Float> {
        let values = map.evaluate(Batch(row: observation.map { $0 + offset })).values
        #expect(zip(values, last).allSatisfy { $0 >= $1 })
        #expect(values.allSatisfy { offset == 0 ? $0 == 0 : $0 * offset > 0 })
        last = values
      }
    }
    guard example.isClipped else { return }
    // Beyond an end there is less and less to explain.
    let ends = model.residual(for: [0, 1])
    let far = ends.evaluate(Batch(row: [example.predictionMin > 0 ? 0 : -8, 9])).values
    #expect(far.allSatisfy { abs($0) < 1e-3 }, "\(far)")
    let near = ends.evaluate(Batch(row: [0.5, 0.5])).values
    #expect(near[0] > 0.1 && near[1] < -0.1, "\(near)")
  }

  /// Half the squared residual is the likelihood's logarithm in squared units, up to a constant.
  @Test(arguments: NoiseExample.all)
  func residualsAreTheRootOfTheLikelihood(example: NoiseExample) throws {
    guard let expected = example.negativeLogLikelihood else { return }
    let model = try example.build()
    let unit = try #require(model.unit)
    var random = RandomNumbers(seed: 641)
    var compared = 0
    for _ in 0..<100 {
      let observation = example.observe(example.predictions, &random)
      let residual = model.residual(for: observation)
      func drawn() -> [Float] { observation.map { _ in Float(2 * random.uniform() - 0.4) } }
      let (first, second) = (drawn(), drawn())
      let values = [first, second].map { residual.evaluate(Batch(row: $0)).values }
      for entry in observation.indices {
        let observed = Double(observation[entry])
        let (a, b) = (Double(first[entry]), Double(second[entry]))
        guard min(a, b) > example.predictionMin,
          min(abs(a - observed), abs(b - observed)) > example.likelihoodGap
        else { continue }
        compared += 1
        let difference = expected(a, observed) - expected(b, observed)
        let found =
          (Double(values[0][entry] * values[0][entry])
            - Double(values[1][entry] * values[1][entry])) / (2 * unit * unit)
        let scale = abs(expected(a, observed)) + abs(expected(b, observed)) + 1
        #expect(abs(found - difference) < 2e-5 * scale, "\(a), \(b) for \(observed)")
      }
    }
    #expect(compared > 200)
  }

  /// Mean and variance of the squared residual at the truth, over 20,000 draws: within five
  /// standard errors of both, and one per cent more, to which averages of counts are tabulated.
  @Test(arguments: NoiseExample.all)
  func momentsAreThoseAtTheTruth(example: NoiseExample) throws {
    let model = try example.build()
    let truth = Batch(row: example.predictions)
    guard let expected = model.moments(at: example.predictions) else {
      #expect(model.unit == nil || model.isLikelihoodFlat)
      return
    }
    var random = RandomNumbers(seed: 642)
    let sums = (0..<20_000).map { _ in
      let observation = example.observe(example.predictions, &random)
      return sumOfSquares(model.residual(for: observation).evaluate(truth).values)
    }
    let count = Double(sums.count)
    let mean = sums.reduce(0, +) / count
    let squares = sums.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / count
    let fourth = squares.reduce(0) { $0 + $1 * $1 } / count
    #expect(abs(mean - expected.mean) < 5 * (variance / count).squareRoot() + 0.01 * mean)
    let error = ((fourth - variance * variance) / count).squareRoot()
    #expect(abs(variance - expected.variance) < 5 * error + 0.01 * variance)
  }

  /// What a number says of its prediction is the mean square of the score, `r r' / s^2`: over 20,000
  /// draws, to five standard errors; and to two per cent, which rounding off a kink costs.
  @Test(arguments: NoiseExample.all)
  func informationIsTheMeanSquareOfTheScore(example: NoiseExample) throws {
    guard example.negativeLogLikelihood != nil else { return }
    let model = try example.build()
    let unit = try #require(model.unit)
    let truth = example.predictions.map { max($0, Float(example.predictionMin)) }
    let expected = try #require(model.information(at: truth, observation: truth))
    var random = RandomNumbers(seed: 643)
    var sums = [(second: Double, fourth: Double)](repeating: (0, 0), count: truth.count)
    let ones = Batch(row: [Float](repeating: 1, count: truth.count))
    for _ in 0..<20_000 {
      let residual = model.residual(for: example.observe(truth, &random))
      let linearization = residual.linearize(at: Batch(row: truth))
      let slopes = linearization.jacobian.apply(ones).values
      for (entry, slope) in slopes.enumerated() {
        let score = Double(linearization.value.values[entry]) * Double(slope) / (unit * unit)
        sums[entry].second += score * score
        sums[entry].fourth += score * score * score * score
      }
    }
    for (entry, sum) in sums.enumerated() {
      let mean = sum.second / 20_000
      let error = ((sum.fourth / 20_000 - mean * mean) / 20_000).squareRoot()
      #expect(
        abs(mean - expected[entry]) < 5 * error + 0.025 * mean,
        "\(truth[entry]): \(mean), \(expected[entry])")
    }
  }

  /// The truth is hardly ever refused: the test is 2.5 standard deviations wide, which is 0.6 % for
  /// normal numbers, and skewed ones are allowed twice that.
  @Test(arguments: NoiseExample.all)
  func theTruthIsExplained(example: NoiseExample) throws {
    let model = try example.build()
    let truth = (0..<60).map { example.predictions[$0 % example.predictions.count] }
    var random = RandomNumbers(seed: 644)
    let refused = (0..<2000).count { _ in
      let observation = example.observe(truth, &random)
      let residual = model.residual(for: observation).evaluate(Batch(row: truth)).values
      let fit = NoiseFit(
        prediction: truth, observation: observation, squaredResidual: sumOfSquares(residual),
        latentCount: 0)
      return model.explains(fit) == false
    }
    #expect(refused < 40, "\(refused) of 2000")
    guard model.unit != nil else { return }
    // What is off by more than the noise is not explained.
    let observation = example.observe(truth, &random)
    let wrong = truth.map { $0 + 4 }
    let residual = model.residual(for: observation).evaluate(Batch(row: wrong)).values
    let fit = NoiseFit(
      prediction: wrong, observation: observation, squaredResidual: sumOfSquares(residual),
      latentCount: 0)
    #expect(model.explains(fit) == false)
  }
}
