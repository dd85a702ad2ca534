import BundledGenerators
import Documents

/// One row of the recovery table: a generator, what is seen of it, and what is asked.
struct RecoveryCell {
  var generator: RecoveryGenerator
  /// What the table calls the observation.
  var observation: String
  var measurement: JSONValue
  /// Share of the identifiable draws that are to be found to three digits; `nil` where the row is for
  /// comparison.
  var asked: Double?
  /// The document of the row's own solver; `nil` for the one that is measured throughout.
  var solver: JSONValue?

  /// What the table calls the row.
  var name: String {
    let observed = "\(generator.name), \(observation)"
    return solver?.object?["type"]?.string.map { "\($0): \(observed)" } ?? observed
  }
}

extension RecoveryCell {
  /// Every row that is asked for.
  static let all: [RecoveryCell] =
    leaky + relu + fashion + faces + gaussian + aberdam + layerwise

  /// Each layer-wise solver by itself, and what polishes them all, on what the others are asked for.
  private static let layerwise: [RecoveryCell] = [
    "linear_system", "linf_lp", "l1_lp", "relaxed_lp", "layered_basis_pursuit", "latent_pursuit",
    "hybrid",
  ].flatMap { type -> [RecoveryCell] in
    let isHybrid = type == "hybrid"
    let isPursuit = type == "latent_pursuit"
    let rows =
      observations(
        of: .folder("lei-vae-relu"), asked: isHybrid ? 1 : nil,
        ["all", "random 90 %", "random 50 %"], side: 28)
      + observations(
        of: .folder("lei-vae-relu"), asked: isHybrid ? 0.95 : nil, ["centre missing", "top half"],
        side: 28)
      + observations(
        of: .bundled(.fashionMLP), asked: isHybrid || isPursuit ? 1 : nil,
        ["all", "random 55 %"], side: 28)
      + observations(
        of: .bundled(.fashionMLP), asked: isHybrid || isPursuit ? 0.97 : nil, ["lower 55 %"],
        side: 28)
    return rows.map { row in
      var row = row
      row.solver = ["type": .string(type)]
      return row
    }
  }

  private static let leaky =
    observations(
      of: .folder("lei-vae-leaky"), asked: 0.99,
      ["all", "random 55 %", "random 30 %", "random 20 %", "random 10 %"] + halves + [
        "centre missing"
      ]
        + ["80 projections", "100 projections", "500 projections"]
        + ["2x downsampled", "4x downsampled", "phaseless 500"], side: 28)
    + observations(of: .folder("lei-vae-leaky"), asked: 0.97, ["40 projections"], side: 28)

  private static let relu =
    observations(of: .folder("lei-vae-relu"), asked: 0.99, ["all", "random 55 %"], side: 28)
    + observations(
      of: .folder("lei-vae-relu"), asked: 0.95,
      halves + ["centre missing", "random 30 %", "80 projections", "100 projections"]
        + ["500 projections", "2x downsampled"], side: 28)
    + observations(of: .folder("lei-vae-relu"), asked: 0.90, ["phaseless 500"], side: 28)

  private static let fashion =
    observations(
      of: .bundled(.fashionConv), asked: 0.97, ["all", "random 55 %"] + halves, side: 32)
    + observations(
      of: .bundled(.fashionMLP), asked: 0.97, ["all", "random 55 %"] + halves, side: 28)

  private static let faces =
    observations(of: .folder("face-dcgan"), asked: 0.97, ["all"], side: 64)
    + observations(
      of: .folder("face-dcgan"), asked: 0.95,
      ["top half", "random 10 %", "500 projections", "4x downsampled"], side: 64)

  /// Lei et al. (2019, figure 2): k -> 250 -> 600 with ReLU after both layers.
  private static let gaussian = [
    (10, 1.0), (30, 1), (50, 1), (70, 1), (90, 1), (100, 1), (105, 1), (109, 0.97),
  ].map { latentCount, asked in
    RecoveryCell(
      generator: .random([latentCount, 250, 600], final: "relu"), observation: "all",
      measurement: ["type": "identity"], asked: asked)
  }

  /// Aberdam et al. (2020, figure 2): n0 -> n1 -> 625, ReLU and tanh.
  private static let aberdam = [100, 200].flatMap { latentCount in
    [250, 350, 500, 700, 1000].filter { 2 * $0 >= 5 * latentCount }.map { width in
      RecoveryCell(
        generator: .random([latentCount, width, 625], final: "tanh"), observation: "all",
        measurement: ["type": "identity"], asked: 1)
    }
  }

  private static let halves = ["top half", "bottom half", "left half", "right half"]

  private static func observations(
    of generator: RecoveryGenerator, asked: Double?, _ names: [String], side: Int
  ) -> [RecoveryCell] {
    names.map {
      RecoveryCell(
        generator: generator, observation: $0, measurement: measurement($0, side: side),
        asked: asked)
    }
  }

  /// - Parameter side: of the square picture.
  private static func measurement(_ name: String, side: Int) -> JSONValue {
    let half = side / 2
    func rectangle(_ numbers: [Int], invert: Bool = false) -> JSONValue {
      [
        "type": "mask",
        "observed": ["rectangles": [JSONValue(numbers)], "invert": .bool(invert)],
      ]
    }
    let words = name.split(separator: " ")
    switch words[0] {
    case "random":
      let percent = Double(words[1]) ?? 100
      return [
        "type": "mask",
        "observed": ["bernoulli": ["rate": .number(percent / 100), "seed": 5]],
      ]
    case "top": return rectangle([0, 0, half, side])
    case "bottom": return rectangle([half, 0, half, side])
    // The upper 13 rows of 28 are hidden.
    case "lower": return rectangle([side * 13 / 28, 0, side - side * 13 / 28, side])
    case "left": return rectangle([0, 0, side, half])
    case "right": return rectangle([0, half, side, half])
    case "centre": return rectangle([side / 2 - 6, side / 2 - 6, 12, 12], invert: true)
    case "2x": return ["type": "downsample", "factor": 2]
    case "4x": return ["type": "downsample", "factor": 4]
    case "phaseless":
      return ["type": "phaseless", "of": ["type": "gaussian", "rows": 500, "seed": 5]]
    case "all": return ["type": "identity"]
    default: return ["type": "gaussian", "rows": JSONValue(Int(words[0]) ?? 1), "seed": 5]
    }
  }
}
