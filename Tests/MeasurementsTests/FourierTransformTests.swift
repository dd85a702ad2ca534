import LinearAlgebra
import Measurements
import Testing

struct FourierTransformTests {
  private func random(_ count: Int, seed: UInt64) -> FourierTransform.Vector {
    var random = RandomNumbers(seed: seed)
    return .init(
      real: (0..<count).map { _ in random.normal() },
      imaginary: (0..<count).map { _ in random.normal() })
  }

  private func distance(_ a: FourierTransform.Vector, _ b: FourierTransform.Vector) -> Double {
    let parts = zip(a.real + a.imaginary, b.real + b.imaginary)
    return parts.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// Powers, products of small primes, primes beyond the radices, and products of those.
  static let counts = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 30, 49, 61, 64, 67, 97, 121, 128, 134, 210, 243, 509, 784,
    1009, 3 * 257,
  ]

  /// The sums of the definition.
  @Test(arguments: counts)
  func isItsDefinition(count: Int) {
    let x = random(count, seed: UInt64(count))
    let roots = FourierTransform.roots(count)
    var expected = FourierTransform.Vector(zeros: count)
    for k in 0..<count {
      for j in 0..<count {
        let root = j * k % count
        expected.real[k] +=
          x.real[j] * roots.real[root] - x.imaginary[j] * roots.imaginary[root]
        expected.imaginary[k] +=
          x.real[j] * roots.imaginary[root] + x.imaginary[j] * roots.real[root]
      }
    }
    let transform = FourierTransform(count: count)
    let found = transform.forward(x)
    #expect(distance(found, expected) <= 1e-13 * Double(count))
    #expect(distance(transform.inverse(found), x) <= 1e-14 * Double(count))
  }

  @Test func rootsGoClockwise() {
    let found = FourierTransform(count: 4).forward(
      .init(real: [0, 1, 0, 0], imaginary: [0, 0, 0, 0]))
    let expected = FourierTransform.Vector(real: [1, 0, -1, 0], imaginary: [0, -1, 0, 1])
    #expect(distance(found, expected) < 1e-15)
  }

  @Test func costsGrowSlowly() {
    #expect(FourierTransform.multiplyCount(ofCount: 1 << 20) < 200 << 20)
    #expect(FourierTransform.multiplyCount(ofCount: 1_048_573) < 1000 << 20)
  }
}
