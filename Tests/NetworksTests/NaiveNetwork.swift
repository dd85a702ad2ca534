import Documents
import Networks

/// An architecture document evaluated the slow way, from PyTorch's definitions, in double
/// precision: what the real implementation is held against. It shares no code with it.
struct NaiveNetwork {
  struct Signal {
    var shape: [Int]
    var values: [Double]
  }

  let layers: [JSONValue]
  let tensors: [String: Tensor]
  let latentShape: [Int]

  func evaluate(_ latent: [Double]) -> Signal {
    var last = Signal(shape: latentShape, values: latent)
    var named = ["latent": last]
    for layer in layers {
      let layer = layer.object!
      let names = layer["from"]?.string.map { [$0] } ?? layer["from"]?.elements?.map { $0.string! }
      var taken = (names ?? []).map { named[$0]! }
      switch layer["type"]!.string! {
      case "add":
        if taken.count == 1 { taken.insert(last, at: 0) }
        last = sum(taken)
      case "concat":
        if taken.count == 1 { taken.insert(last, at: 0) }
        last = concatenation(taken, axis: Int(layer["dim"]?.number ?? 0))
      default:
        last = apply(layer, to: taken.first ?? last)
      }
      if let name = layer["name"]?.string { named[name] = last }
    }
    return last
  }

  private func sum(_ terms: [Signal]) -> Signal {
    let values = terms[0].values.indices.map { entry in
      terms.reduce(0) { $0 + $1.values[entry] }
    }
    return Signal(shape: terms[0].shape, values: values)
  }

  private func concatenation(_ parts: [Signal], axis: Int) -> Signal {
    let axis = axis < 0 ? axis + parts[0].shape.count : axis
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    // Entry by entry: where each index of the result comes from.
    let values = (0..<shape.reduce(1, *)).map { entry in
      var index: [Int] = []
      var rest = entry
      for extent in shape.reversed() {
        index.insert(rest % extent, at: 0)
        rest /= extent
      }
      var part = 0
      while index[axis] >= parts[part].shape[axis] {
        index[axis] -= parts[part].shape[axis]
        part += 1
      }
      let place = zip(index, parts[part].shape).reduce(0) { $0 * $1.1 + $1.0 }
      return parts[part].values[place]
    }
    return Signal(shape: shape, values: values)
  }

  private func apply(_ layer: JSONObject, to x: Signal) -> Signal {
    switch layer["type"]!.string! {
    case "linear": linear(layer, x)
    case "conv2d": convolution(layer, x)
    case "conv_transpose2d": transposedConvolution(layer, x)
    case "conv1d": overOneAxis(layer, x, convolution)
    case "conv_transpose1d": overOneAxis(layer, x, transposedConvolution)
    case "batch_norm": batchNorm(layer, x)
    case "reshape": Signal(shape: reshaped(layer, x), values: x.values)
    case "flatten": Signal(shape: [x.values.count], values: x.values)
    case "permute": permuted(layer, x)
    case "slice": sliced(layer, x)
    case "pad": padded(layer, x)
    case "upsample": upsampled(layer, x)
    case "pixel_shuffle": shuffled(layer, x)
    case let type:
      if let function = activation(layer) {
        Signal(shape: x.shape, values: x.values.map(function))
      } else {
        fatalError("the naive network has no layer \(type): write it")
      }
    }
  }

  private func tensor(_ layer: JSONObject, _ field: String) -> Tensor? {
    layer[field]?.string.flatMap { tensors[$0] }
  }

  private func pair(_ layer: JSONObject, _ field: String, _ otherwise: Int) -> (Int, Int) {
    switch layer[field] {
    case .number(let number): (Int(number), Int(number))
    case .numbers(let numbers): (Int(numbers[0]), Int(numbers[1]))
    default: (otherwise, otherwise)
    }
  }

  /// A signal is an image of height 1, along which a kernel cannot move.
  private func overOneAxis(
    _ layer: JSONObject, _ x: Signal, _ body: (JSONObject, Signal) -> Signal
  ) -> Signal {
    var layer = layer
    for (field, plain) in [
      ("stride", 1.0), ("padding", 0), ("output_padding", 0), ("dilation", 1),
    ] {
      let number = layer[field]?.number ?? layer[field]?.numbers?[0] ?? plain
      layer[field] = .numbers([plain, number])
    }
    let result = body(layer, Signal(shape: [x.shape[0], 1, x.shape[1]], values: x.values))
    return Signal(shape: [result.shape[0], result.shape[2]], values: result.values)
  }

  private func linear(_ layer: JSONObject, _ x: Signal) -> Signal {
    let weight = tensor(layer, "weight")!
    let bias = tensor(layer, "bias")
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let values = (0..<outputs).map { output in
      (0..<inputs).reduce(Double(bias?.values[output] ?? 0)) {
        $0 + Double(weight.values[output * inputs + $1]) * x.values[$1]
      }
    }
    return Signal(shape: [outputs], values: values)
  }

  private func batchNorm(_ layer: JSONObject, _ x: Signal) -> Signal {
    let positions = x.values.count / x.shape[0]
    let mean = tensor(layer, "running_mean")!.values
    let variance = tensor(layer, "running_var")!.values
    let eps = layer["eps"]?.number ?? 1e-5
    let values = x.values.enumerated().map { place, value in
      let channel = place / positions
      let normal =
        (value - Double(mean[channel])) / (Double(variance[channel]) + eps).squareRoot()
      return normal * Double(tensor(layer, "weight")?.values[channel] ?? 1)
        + Double(tensor(layer, "bias")?.values[channel] ?? 0)
    }
    return Signal(shape: x.shape, values: values)
  }

  private func convolution(_ layer: JSONObject, _ x: Signal) -> Signal {
    let weight = tensor(layer, "weight")!
    let bias = tensor(layer, "bias")
    let (strideY, strideX) = pair(layer, "stride", 1)
    let (padY, padX) = pair(layer, "padding", 0)
    let (stepY, stepX) = pair(layer, "dilation", 1)
    let groups = Int(layer["groups"]?.number ?? 1)
    let (height, width) = (x.shape[1], x.shape[2])
    let (outputs, share) = (weight.shape[0], weight.shape[1])
    let (kernelY, kernelX) = (weight.shape.count == 3 ? 1 : weight.shape[2], weight.shape.last!)
    let outHeight = (height + 2 * padY - stepY * (kernelY - 1) - 1) / strideY + 1
    let outWidth = (width + 2 * padX - stepX * (kernelX - 1) - 1) / strideX + 1
    var values: [Double] = []
    for output in 0..<outputs {
      let firstChannel = output / (outputs / groups) * share
      for row in 0..<outHeight {
        for column in 0..<outWidth {
          var sum = Double(bias?.values[output] ?? 0)
          for channel in 0..<share {
            for tapY in 0..<kernelY {
              for tapX in 0..<kernelX {
                let y = row * strideY - padY + tapY * stepY
                let z = column * strideX - padX + tapX * stepX
                guard (0..<height).contains(y), (0..<width).contains(z) else { continue }
                let tap = ((output * share + channel) * kernelY + tapY) * kernelX + tapX
                sum +=
                  Double(weight.values[tap])
                  * x.values[((firstChannel + channel) * height + y) * width + z]
              }
            }
          }
          values.append(sum)
        }
      }
    }
    return Signal(shape: [outputs, outHeight, outWidth], values: values)
  }

  private func transposedConvolution(_ layer: JSONObject, _ x: Signal) -> Signal {
    let weight = tensor(layer, "weight")!
    let bias = tensor(layer, "bias")
    let (strideY, strideX) = pair(layer, "stride", 1)
    let (padY, padX) = pair(layer, "padding", 0)
    let (stepY, stepX) = pair(layer, "dilation", 1)
    let (extraY, extraX) = pair(layer, "output_padding", 0)
    let groups = Int(layer["groups"]?.number ?? 1)
    let (inputs, height, width) = (x.shape[0], x.shape[1], x.shape[2])
    let share = weight.shape[1]
    let (kernelY, kernelX) = (weight.shape.count == 3 ? 1 : weight.shape[2], weight.shape.last!)
    let outputs = share * groups
    let outHeight = (height - 1) * strideY - 2 * padY + stepY * (kernelY - 1) + extraY + 1
    let outWidth = (width - 1) * strideX - 2 * padX + stepX * (kernelX - 1) + extraX + 1
    var values = (0..<outputs * outHeight * outWidth).map {
      Double(bias?.values[$0 / (outHeight * outWidth)] ?? 0)
    }
    for input in 0..<inputs {
      let firstOutput = input / (inputs / groups) * share
      for row in 0..<height {
        for column in 0..<width {
          for output in 0..<share {
            for tapY in 0..<kernelY {
              for tapX in 0..<kernelX {
                let y = row * strideY - padY + tapY * stepY
                let z = column * strideX - padX + tapX * stepX
                guard (0..<outHeight).contains(y), (0..<outWidth).contains(z) else { continue }
                let tap = ((input * share + output) * kernelY + tapY) * kernelX + tapX
                values[((firstOutput + output) * outHeight + y) * outWidth + z] +=
                  Double(weight.values[tap]) * x.values[(input * height + row) * width + column]
              }
            }
          }
        }
      }
    }
    return Signal(shape: [outputs, outHeight, outWidth], values: values)
  }

  private func reshaped(_ layer: JSONObject, _ x: Signal) -> [Int] {
    let asked = (layer["shape"]?.numbers ?? []).map { Int($0) }
    let known = asked.filter { $0 != -1 }.reduce(1, *)
    return asked.map { $0 == -1 ? x.values.count / known : $0 }
  }
}
