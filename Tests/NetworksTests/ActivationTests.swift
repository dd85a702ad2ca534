import Networks
import Testing

/// What inversion asks of activation functions: their preimages, and what happens at the edges.
struct ActivationTests {
  static let functions: [any ActivationFunction] = [
    ReLU(), LeakyReLU(negativeSlope: 0.1), PiecewiseLinear(alpha: 0.2, c: 0.7), Sigmoid(), Tanh(),
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
  @Test func onlyReLUHidesItsInputs() {
    for function in Self.functions {
      let hidden = Self.inputs.filter {
        function.preimage(of: function.value(at: $0), margin: 1e-6) == nil
      }
      #expect(hidden == (function is ReLU ? Self.inputs.filter { $0 <= 0 } : []))
    }
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

  @Test func kinksHaveTheDerivativeFromTheLeft() {
    #expect(ReLU().derivative(at: 0, value: 0) == 0)
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
