import Documents

extension NaiveNetwork {
  /// The scalar function of an activation layer, in double precision; `nil` for other layers.
  /// Fields are rounded to single precision, as the network has them.
  func activation(_ layer: JSONObject) -> ((Double) -> Double)? {
    func field(_ name: String, _ otherwise: Double) -> Double {
      Double(Float(layer[name]?.number ?? otherwise))
    }
    switch layer["type"]!.string! {
    case "relu": return { $0 > 0 ? $0 : 0 }
    case "leaky_relu":
      let slope = field("negative_slope", 0.01)
      return { $0 > 0 ? $0 : $0 * slope }
    case "piecewise_linear":
      let (bend, slope) = (field("c", 1), field("alpha", 0.1))
      return { input in
        let beyond = abs(input) - bend
        guard beyond > 0 else { return input }
        return (input < 0 ? -1 : 1) * (bend + slope * beyond)
      }
    case "hardtanh":
      let (least, most) = (field("min_val", -1), field("max_val", 1))
      return { $0 < least ? least : $0 > most ? most : $0 }
    case "sigmoid": return { 1 / (1 + exponential(-$0)) }
    case "tanh": return hyperbolicTangent
    case "elu":
      let alpha = field("alpha", 1)
      return { $0 > 0 ? $0 : alpha * (exponential($0) - 1) }
    case "softplus":
      let (beta, threshold) = (field("beta", 1), field("threshold", 20))
      return { $0 * beta > threshold ? $0 : logarithm(1 + exponential(beta * $0)) / beta }
    case "silu": return { $0 / (1 + exponential(-$0)) }
    case "gelu" where layer["approximate"]?.string == "tanh":
      return {
        0.5 * $0
          * (1 + hyperbolicTangent((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
      }
    case "gelu": return { 0.5 * $0 * (1 + errorFunction($0 / 2.0.squareRoot())) }
    default: return nil
    }
  }
}

/// By its series after halving, so that nothing is shared with the mathematics library.
private func exponential(_ x: Double) -> Double {
  var reduced = x
  var halvings = 0
  while abs(reduced) > 0.01 {
    reduced /= 2
    halvings += 1
  }
  var sum = 1.0
  var term = 1.0
  for order in 1...8 {
    term *= reduced / Double(order)
    sum += term
  }
  for _ in 0..<halvings { sum *= sum }
  return sum
}

private func hyperbolicTangent(_ x: Double) -> Double {
  let power = exponential(-2 * abs(x))
  return (x < 0 ? -1 : 1) * (1 - power) / (1 + power)
}

/// Where the exponential is `x`, by Newton's method; `x` is at least 1.
private func logarithm(_ x: Double) -> Double {
  var rest = x
  var whole = 0.0
  while rest > 2 {
    rest /= exponential(1)
    whole += 1
  }
  var guess = rest - 1
  for _ in 0..<20 { guess -= 1 - rest * exponential(-guess) }
  return whole + guess
}

/// `2 / sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!`, whose terms all have one sign.
private func errorFunction(_ x: Double) -> Double {
  var term = x
  var sum = x
  for order in 1..<200 {
    term *= 2 * x * x / Double(2 * order + 1)
    sum += term
  }
  return 2 / Double.pi.squareRoot() * exponential(-x * x) * sum
}
