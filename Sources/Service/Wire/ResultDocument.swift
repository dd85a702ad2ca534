import Documents
import Inversion

/// The `result` of an inversion as JSON.
enum ResultDocument {
  /// - Parameter resumedFrom: the iteration of the checkpoint that it went on from, if it did.
  static func bytes(_ solution: Solution, resumedFrom: Int? = nil) -> [UInt8] {
    var result = JSONObjectWriter()
    result.add("latent", numbers: solution.latent)
    result.add("termination", .string(solution.termination.rawValue))
    result.add(
      "residual",
      [
        "l2": .number(solution.residual.l2), "relative": .number(solution.residual.relative),
        "linf": .number(solution.residual.linf), "rms": .number(solution.residual.rms),
      ])
    result.add("verdict", .string(solution.verdict.rawValue))
    result.add("certificate", certificate(solution.certificate))
    result.add("layerwise", solution.layerwise.map(layerwise) ?? .null)
    result.add("solver", .string(solution.solver))
    if let choice = solution.choice { result.add("choice", .string(choice)) }
    result.add("iterations", JSONValue(solution.iterations))
    result.add("restarts", JSONValue(solution.restarts))
    result.add("resumed_from_iteration", resumedFrom.map { JSONValue($0) } ?? .null)
    result.add("forward_equivalents", .number(solution.forwardEquivalents))
    result.add(
      "trace",
      [
        "iteration": JSONValue(solution.trace.iterations),
        "loss": .numbers(solution.trace.losses),
      ])
    return result.finish()
  }

  private static func certificate(_ certificate: Certificate) -> JSONValue {
    var document: JSONObject = [
      "rank": JSONValue(certificate.rank),
      "singular_values": .numbers(certificate.singularValues),
      "condition_number": .number(certificate.conditionNumber),
      "dead_latents": JSONValue(certificate.deadLatents),
      "sigma": certificate.sigma.map(JSONValue.number) ?? .null,
      "sigma_estimated": .bool(certificate.isSigmaEstimated),
    ]
    if let deviations = certificate.latentDeviations {
      document["latent_std"] = JSONValue(deviations.map { $0.map(JSONValue.number) ?? .null })
    }
    document["intervals_hold"] = certificate.doIntervalsHold.map(JSONValue.bool) ?? .null
    document["activation_region"] = certificate.activationRegion.map(region) ?? .null
    document["alternatives"] = .array(
      certificate.alternatives.map {
        [
          "latent": JSONValue($0.latent), "distance": .number($0.distance),
          "loss": .number($0.loss),
        ]
      })
    return .object(document)
  }

  private static func layerwise(_ certificate: LayerwiseCertificate) -> JSONValue {
    let conditions = certificate.conditions
    return [
      "method": .string(certificate.method), "layers": .array(certificate.layers.map(layer)),
      "conditions": [
        "widths": JSONValue(conditions.widths), "supports": JSONValue(conditions.supportCounts),
        "known_rows": JSONValue(conditions.knownCounts),
        "each_layer_determined": .bool(conditions.isEachLayerDetermined),
        "supports_double": .bool(conditions.doSupportsDouble),
        "supports_expand": .bool(conditions.doSupportsExpand),
      ],
    ]
  }

  private static func layer(_ layer: LayerReport) -> JSONValue {
    var document: JSONObject = [
      "layer": .string(layer.name), "rows": JSONValue(layer.rowCount),
      "columns": JSONValue(layer.columnCount), "known_rows": JSONValue(layer.knownCount),
      "rank": layer.rank.map { JSONValue($0) } ?? .null, "support": JSONValue(layer.supportCount),
      "determined": .bool(layer.isDetermined), "residual": .number(layer.residual),
      "violation": .number(layer.violation), "crossed_over": .bool(layer.isCrossedOver),
    ]
    document["program"] =
      layer.program.map { program in
        [
          "engine": .string(program.engine), "status": .string(program.status),
          "objective": number(program.objective), "dual_objective": number(program.dualObjective),
          "relative_gap": number(program.relativeGap),
          "violation": number(program.primalViolation),
          "iterations": JSONValue(program.iterations), "tolerance": number(program.tolerance),
        ]
      } ?? .null
    return .object(document)
  }

  private static func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }

  private static func region(_ region: ActivationRegion) -> JSONValue {
    [
      "layers": .array(
        region.layers.map {
          ["units": JSONValue($0.unitCount), "pieces": JSONValue($0.pieceCounts)]
        }),
      "boundary_distance": .number(region.boundaryDistance),
      "boundary_deviations": region.boundaryDeviations.map(JSONValue.number) ?? .null,
      "least_squares": region.leastSquares.map {
        [
          "relative_distance": .number($0.relativeDistance), "is_latent": .bool($0.isLatent),
          "is_unique": .bool($0.isUnique),
        ]
      } ?? .null,
    ]
  }
}
