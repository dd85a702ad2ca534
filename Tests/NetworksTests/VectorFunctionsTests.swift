import Foundation
import LinearAlgebra
import Networks
import Testing

/// Eight at a time, against the mathematics library in double precision.
struct VectorFunctionsTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let vector: @Sendable (Entries) -> Entries
    let exact: @Sendable (Double) -> Double
    /// Units in the last place that the documentation promises.
    let units: Double
  }

  static let functions = [
    Function(
      testDescription: "exp", vector: VectorFunctions.exp, exact: { Foundation.exp($0) }, units: 2),
    Function(
      testDescription: "expm1", vector: VectorFunctions.expm1, exact: { Foundation.expm1($0) },
      units: 3),
    Function(
      testDescription: "tanh", vector: VectorFunctions.tanh, exact: { Foundation.tanh($0) },
      units: 4),
    Function(
      testDescription: "sigmoid", vector: VectorFunctions.sigmoid,
      exact: {
        $0 < 0 ? Foundation.exp($0) / (1 + Foundation.exp($0)) : 1 / (1 + Foundation.exp(-$0))
      },
      units: 4),
    Function(
      testDescription: "erf", vector: VectorFunctions.erf, exact: { Foundation.erf($0) }, units: 4),
  ]

  /// Of every size: each exponent of `Float` down to the subnormal ones, with several fractions,
  /// both signs; and a fine grid where the functions bend.
  static let inputs: [Float] = {
    var random = RandomNumbers(seed: 540)
    var inputs: [Float] = [
      0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
    ]
    for exponent in 0..<255 as Range<UInt32> {
      for _ in 0..<40 {
        inputs.append(Float(bitPattern: exponent << 23 | UInt32(random.next() & 0x7f_ffff)))
      }
    }
    for _ in 0..<200_000 { inputs.append(Float(12 * random.uniform())) }
    for _ in 0..<50_000 { inputs.append(Float(110 * random.uniform())) }
    return inputs + inputs.map { -$0 }
  }()

  private func eight(_ inputs: ArraySlice<Float>) -> Entries {
    var entries = Entries.zero
    for (lane, input) in inputs.enumerated() { entries[lane] = input }
    return entries
  }

  @Test(arguments: functions)
  func staysWithinTheStatedError(function: Function) {
    var worst = (units: 0.0, input: Float(0))
    for start in stride(from: 0, to: Self.inputs.count, by: 8) {
      let chosen = Self.inputs[start..<min(start + 8, Self.inputs.count)]
      let found = function.vector(eight(chosen))
      for (lane, input) in chosen.enumerated() {
        let exact = function.exact(Double(input))
        guard abs(exact) < Double(Float.greatestFiniteMagnitude) else {
          #expect(found[lane] == Float(exact), "at \(input)")
          continue
        }
        // Below the normal numbers the last place is that of the smallest.
        let unit = Double(Float(exact).ulp)
        let units = abs(Double(found[lane]) - exact) / unit
        if !(units <= worst.units) { worst = (units, input) }
      }
    }
    print("\(function.testDescription): \(worst.units) units at \(worst.input)")
    #expect(worst.units <= function.units, "at \(worst.input)")
  }

  @Test(arguments: functions)
  func infinitiesGiveTheLimits(function: Function) {
    let found = function.vector(eight([.infinity, -.infinity, .nan]))
    #expect(found[0] == Float(function.exact(.infinity)))
    #expect(found[1] == Float(function.exact(-.infinity)))
    #expect(found[2].isNaN)
  }

  /// A lane does not know of its neighbours, so that batches do not depend on how they are cut.
  @Test(arguments: functions)
  func lanesAreAlone(function: Function) {
    let inputs: [Float] = [-90, -3, -0.5, -1e-20, 0.25, 1.5, 20, 200]
    let together = function.vector(eight(inputs[...]))
    for (lane, input) in inputs.enumerated() {
      #expect(function.vector(Entries(repeating: input))[7 - lane] == together[lane])
    }
  }
}

/// What activation functions say of eight entries is what they say of each.
struct ActivationVectorTests {
  @Test(arguments: ActivationTests.functions.indices)
  func eightAreOneByOne(index: Int) {
    let function = ActivationTests.functions[index]
    let edges: [Float] = [
      0, -0.0, .infinity, -.infinity, 1e30, -1e30, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    ]
    let inputs = ActivationTests.inputs + [0.7, -0.7] + edges
    for start in stride(from: 0, to: inputs.count - 7, by: 1) {
      var entries = Entries.zero
      for lane in 0..<8 { entries[lane] = inputs[start + lane] }
      let values = function.values(at: entries)
      let derivatives = function.derivatives(at: entries, values: values)
      for lane in 0..<8 {
        let value = function.value(at: entries[lane])
        #expect(values[lane] == value, "at \(entries[lane])")
        #expect(
          derivatives[lane] == function.derivative(at: entries[lane], value: value),
          "at \(entries[lane])")
      }
    }
  }
}
