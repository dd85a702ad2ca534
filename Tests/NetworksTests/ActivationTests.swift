import Networks
import Testing

/// What inversion asks of activation functions: their preimages, and what happens at the edges.
struct ActivationTests {
  static let functions: [any ActivationFunction] = [
    ReLU(), LeakyReLU(negativeSlope: 0.1), PiecewiseLinear(alpha: 0.2, c: 0.7), Sigmoid(), Tanh(),
    ELU(alpha: 1), ELU(alpha: 0.3), Softplus(beta: 1, threshold: 20),
    Softplus(beta: 4, threshold: 3), SiLU(), GELU(), TanhGELU(), Hardtanh(least: -1, most: 2),
  ]
  static let inputs = (-60...60).map { Float($0) / 10 }

  @Test(arguments: functions.indices)
  func preimagesAreTakenBack(index: Int) {
    let function = Self.functions[index]
    for input in Self.inputs {
      let value = function.value(at: input)
      guard let preimage = function.preimage(of: value, margin: 1e-6) else { continue }
      #expect(abs(function.value(at: preimage) - value) < 2e-6 * max(1, abs(value)), "at \(input)")
    }
  }

  /// Where many inputs have one value there is no preimage, and nowhere else.
  @Test func onlySharedValuesHideTheirInputs() {
    for function in Self.functions {
      let hidden = Self.inputs.filter {
        function.preimage(of: function.value(at: $0), margin: 1e-6) == nil
      }
      let expected: (Float) -> Bool =
        switch function {
        case is ReLU: { $0 <= 0 }
        case is SiLU, is GELU, is TanhGELU: { $0 < 0 }
        case is Hardtanh: { $0 <= -1 || $0 >= 2 }
        default: { _ in false }
        }
      #expect(hidden == Self.inputs.filter(expected), "\(function)")
    }
  }

  /// Where a flat function has no preimage it has a range of inputs with that value, and only there.
  @Test func flatValuesNameTheirInputs() throws {
    for function in Self.functions.compactMap({ $0 as? any FlatActivation }) {
      for input in Self.inputs {
        let value = function.value(at: input)
        let range = function.flatInputs(of: value)
        #expect((range == nil) == (function.preimage(of: value, margin: 0) != nil))
        guard let range else { continue }
        #expect(range.contains(input), "\(function) at \(input)")
        for end in [range.lowerBound, range.upperBound] {
          #expect(function.value(at: end) == value, "\(function) at \(end)")
        }
      }
    }
    #expect(Hardtanh(least: -1, most: 2).flatInputs(of: 5) == 2...(.infinity))
    #expect(Hardtanh(least: -1, most: 2).flatInputs(of: -5) == -.infinity...(-1))
  }

  /// Values on both sides of a low threshold are taken back, those in the gap are not.
  @Test func softplusWithALowThresholdHasAGap() {
    let function = Softplus(beta: 4, threshold: 3)
    #expect(function.preimage(of: 0.755, margin: 0) == nil)
    #expect(function.preimage(of: 0.77, margin: 0) == 0.77)
    let below = function.preimage(of: 0.7, margin: 0)
    #expect(below.map { abs(function.value(at: $0) - 0.7) < 1e-6 } == true)
  }

  /// Values that saturation cannot reach are clipped to the margin.
  @Test func saturatedValuesHaveFinitePreimages() {
    for function in [Sigmoid(), Tanh()] as [any ActivationFunction] {
      for value in [-2, -1, 0, 1, 2] as [Float] {
        #expect(function.preimage(of: value, margin: 1e-3)?.isFinite == true)
      }
      #expect(!function.isPiecewiseLinear)
    }
  }

  /// Values that a function approaches or exceeds are taken back to something finite, or not at
  /// all.
  @Test func preimagesAreFinite() {
    for function in Self.functions {
      for value in [-1e30, -10, -1, -1e-30, 0, 1e-30, 1, 10, 1e30] as [Float] {
        #expect(function.preimage(of: value, margin: 1e-3)?.isFinite != false, "\(function)")
      }
    }
  }

  /// Far out every function is a straight line, however large its terms.
  @Test func derivativesAreSoundFarOut() {
    for function in Self.functions {
      for input in [25, 100, 1e4, 1e10, 1e20, 1e30] as [Float] {
        for signed in [-input, input] {
          let slope = function.derivative(at: signed, value: function.value(at: signed))
          let expected: Float =
            switch function {
            case let function as LeakyReLU: function.derivative(at: signed, value: 0)
            case let function as PiecewiseLinear: function.derivative(at: signed, value: 0)
            case is Sigmoid, is Tanh, is Hardtanh: 0
            default: signed > 0 ? 1 : 0
            }
          #expect(abs(slope - expected) < 1e-9, "\(function) at \(signed)")
        }
      }
    }
  }

  @Test func kinksHaveTheDerivativeOfPyTorch() {
    #expect(ReLU().derivative(at: 0, value: 0) == 0)
    #expect(ELU(alpha: 0.4).derivative(at: 0, value: 0) == 0.4)
    for edge in [-1, 2] as [Float] {
      #expect(Hardtanh(least: -1, most: 2).derivative(at: edge, value: edge) == 0)
    }
    #expect(LeakyReLU(negativeSlope: 0.25).derivative(at: 0, value: 0) == 0.25)
  }

  @Test func whatIsNotANumberStaysSo() {
    for function in Self.functions { #expect(function.value(at: .nan).isNaN) }
    for function in Self.functions {
      for input in [-Float.infinity, .infinity, -1e30, 1e30] {
        #expect(!function.value(at: input).isNaN)
      }
    }
  }
}
