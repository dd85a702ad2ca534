import Foundation

/// The discrete Fourier transform of any length, in double precision:
/// `X_k = sum_j x_j exp(-2 pi i j k / n)`.
///
/// Lengths whose primes are small are transformed by mixed radices (Cooley and Tukey 1965), others
/// by Bluestein's chirp (1970), which makes one convolution of a power of two of them.
package struct FourierTransform: Sendable {
  /// Complex numbers as two arrays.
  package struct Vector: Sendable, Equatable {
    package var real: [Double]
    package var imaginary: [Double]

    package init(real: [Double], imaginary: [Double]) {
      self.real = real
      self.imaginary = imaginary
    }

    /// - Parameter count: of zeros.
    package init(zeros count: Int) {
      real = [Double](repeating: 0, count: count)
      imaginary = real
    }
  }

  package let count: Int
  private let radices: [Int]
  /// `exp(-2 pi i j / n)`
  private let roots: Vector
  private let chirp: Chirp?

  /// Beyond it a prime costs more by its radix than by the chirp.
  private static let radixMax = 61

  /// - Parameter count: at least 1.
  package init(count: Int) {
    self.count = count
    let primes = Self.primes(of: count)
    if primes.last ?? 1 <= Self.radixMax {
      radices = primes
      roots = Self.roots(count)
      chirp = nil
    } else {
      radices = []
      roots = Vector(zeros: 0)
      chirp = Chirp(count: count)
    }
  }

  /// Multiplications of one transform, about.
  package static func multiplyCount(ofCount count: Int) -> Int {
    let primes = primes(of: count)
    if primes.last ?? 1 <= radixMax { return 4 * count * primes.reduce(0, +) }
    return 2 * multiplyCount(ofCount: Chirp.size(count))
  }

  package func forward(_ x: Vector) -> Vector {
    if let chirp { return chirp.forward(x) }
    var result = Vector(zeros: count)
    x.real.withUnsafeBufferPointer { xReal in
      x.imaginary.withUnsafeBufferPointer { xImaginary in
        roots.real.withUnsafeBufferPointer { rootReal in
          roots.imaginary.withUnsafeBufferPointer { rootImaginary in
            result.real.withUnsafeMutableBufferPointer { real in
              result.imaginary.withUnsafeMutableBufferPointer { imaginary in
                guard let xReal = xReal.baseAddress, let xImaginary = xImaginary.baseAddress,
                  let rootReal = rootReal.baseAddress,
                  let rootImaginary = rootImaginary.baseAddress, let real = real.baseAddress,
                  let imaginary = imaginary.baseAddress
                else { return }
                MixedRadixPass(
                  count: count, radices: radices, rootReal: rootReal, rootImaginary: rootImaginary
                ).run(0, xReal, xImaginary, stride: 1, real, imaginary, length: count)
              }
            }
          }
        }
      }
    }
    return result
  }

  /// `x_j = (1 / n) sum_k X_k exp(2 pi i j k / n)`
  package func inverse(_ x: Vector) -> Vector {
    // Exchanging the parts before and after conjugates.
    let swapped = forward(Vector(real: x.imaginary, imaginary: x.real))
    let scale = 1 / Double(count)
    return Vector(
      real: swapped.imaginary.map { $0 * scale }, imaginary: swapped.real.map { $0 * scale })
  }

  package static func roots(_ count: Int) -> Vector {
    var roots = Vector(zeros: count)
    for place in 0..<count {
      let angle = -2 * Double.pi * Double(place) / Double(count)
      roots.real[place] = cos(angle)
      roots.imaginary[place] = sin(angle)
    }
    return roots
  }

  /// In ascending order; 4 stands for two twos.
  private static func primes(of count: Int) -> [Int] {
    var factors: [Int] = []
    var rest = count
    while rest % 4 == 0 {
      factors.append(4)
      rest /= 4
    }
    var prime = 2
    while prime * prime <= rest {
      while rest % prime == 0 {
        factors.append(prime)
        rest /= prime
      }
      prime += 1
    }
    if rest > 1 { factors.append(rest) }
    return factors.sorted()
  }
}

/// One walk through the radices: transforms of the parts, then butterflies that join them.
private struct MixedRadixPass {
  let count: Int
  let radices: [Int]
  let rootReal: UnsafePointer<Double>
  let rootImaginary: UnsafePointer<Double>

  func run(
    _ level: Int, _ xReal: UnsafePointer<Double>, _ xImaginary: UnsafePointer<Double>, stride: Int,
    _ real: UnsafeMutablePointer<Double>, _ imaginary: UnsafeMutablePointer<Double>, length: Int
  ) {
    guard length > 1 else {
      real[0] = xReal[0]
      imaginary[0] = xImaginary[0]
      return
    }
    let radix = radices[level]
    let part = length / radix
    for place in 0..<radix {
      run(
        level + 1, xReal + place * stride, xImaginary + place * stride, stride: stride * radix,
        real + place * part, imaginary + place * part, length: part)
    }
    if radix == 4 {
      joinFour(stride, real, imaginary, part)
    } else {
      join(radix, stride, real, imaginary, part)
    }
  }

  private func joinFour(
    _ stride: Int, _ real: UnsafeMutablePointer<Double>, _ imaginary: UnsafeMutablePointer<Double>,
    _ part: Int
  ) {
    for k in 0..<part {
      func turned(_ place: Int) -> (Double, Double) {
        let root = place &* k &* stride
        let at = k &+ place &* part
        return (
          real[at] * rootReal[root] - imaginary[at] * rootImaginary[root],
          real[at] * rootImaginary[root] + imaginary[at] * rootReal[root]
        )
      }
      let (a, b, c, d) = ((real[k], imaginary[k]), turned(1), turned(2), turned(3))
      let even = (a.0 + c.0, a.1 + c.1)
      let evenDifference = (a.0 - c.0, a.1 - c.1)
      let odd = (b.0 + d.0, b.1 + d.1)
      let oddDifference = (b.0 - d.0, b.1 - d.1)
      real[k] = even.0 + odd.0
      imaginary[k] = even.1 + odd.1
      real[k &+ part] = evenDifference.0 + oddDifference.1
      imaginary[k &+ part] = evenDifference.1 - oddDifference.0
      real[k &+ 2 &* part] = even.0 - odd.0
      imaginary[k &+ 2 &* part] = even.1 - odd.1
      real[k &+ 3 &* part] = evenDifference.0 - oddDifference.1
      imaginary[k &+ 3 &* part] = evenDifference.1 + oddDifference.0
    }
  }

  private func join(
    _ radix: Int, _ stride: Int, _ real: UnsafeMutablePointer<Double>,
    _ imaginary: UnsafeMutablePointer<Double>, _ part: Int
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * radix) { held in
      for k in 0..<part {
        for place in 0..<radix {
          held[2 &* place] = real[k &+ place &* part]
          held[2 &* place &+ 1] = imaginary[k &+ place &* part]
        }
        for output in 0..<radix {
          let frequency = k &+ output &* part
          var (sumReal, sumImaginary) = (held[0], held[1])
          var root = 0
          for place in 1..<radix {
            root &+= frequency &* stride
            // The frequency is below the part's own length, so one turn is less than n.
            if root >= count { root &-= count }
            let (x, y) = (held[2 &* place], held[2 &* place &+ 1])
            sumReal += x * rootReal[root] - y * rootImaginary[root]
            sumImaginary += x * rootImaginary[root] + y * rootReal[root]
          }
          real[frequency] = sumReal
          imaginary[frequency] = sumImaginary
        }
      }
    }
  }
}

/// Bluestein's transform: with `j k = (j^2 + k^2 - (k - j)^2) / 2` it is a convolution.
private final class Chirp: Sendable {
  let count: Int
  /// Of a power of two that holds the convolution.
  let transform: FourierTransform
  /// `exp(-pi i j^2 / n)`
  let wave: FourierTransform.Vector
  /// The transform of the conjugate wave, at distances from `1 - n` to `n - 1`.
  let spectrum: FourierTransform.Vector

  init(count: Int) {
    self.count = count
    let size = Self.size(count)
    transform = FourierTransform(count: size)
    let roots = FourierTransform.roots(2 * count)
    var wave = FourierTransform.Vector(zeros: count)
    var conjugate = FourierTransform.Vector(zeros: size)
    for place in 0..<count {
      let root = place * place % (2 * count)
      wave.real[place] = roots.real[root]
      wave.imaginary[place] = roots.imaginary[root]
      for distance in [place, (size - place) % size] {
        conjugate.real[distance] = roots.real[root]
        conjugate.imaginary[distance] = -roots.imaginary[root]
      }
    }
    self.wave = wave
    spectrum = transform.forward(conjugate)
  }

  /// The power of two that holds a convolution over `2 count - 1` distances.
  static func size(_ count: Int) -> Int {
    var size = 1
    while size < 2 * count - 1 { size *= 2 }
    return size
  }

  func forward(_ x: FourierTransform.Vector) -> FourierTransform.Vector {
    var padded = FourierTransform.Vector(zeros: transform.count)
    for place in 0..<count {
      (padded.real[place], padded.imaginary[place]) = product(x, wave, place)
    }
    var product = transform.forward(padded)
    for place in 0..<transform.count {
      (product.real[place], product.imaginary[place]) = self.product(product, spectrum, place)
    }
    let convolved = transform.inverse(product)
    var result = FourierTransform.Vector(zeros: count)
    for place in 0..<count {
      (result.real[place], result.imaginary[place]) = self.product(convolved, wave, place)
    }
    return result
  }

  private func product(
    _ a: FourierTransform.Vector, _ b: FourierTransform.Vector, _ place: Int
  ) -> (Double, Double) {
    let (x, y) = (a.real[place], a.imaginary[place])
    let (u, v) = (b.real[place], b.imaginary[place])
    return (x * u - y * v, x * v + y * u)
  }
}
