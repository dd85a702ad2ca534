import Documents

/// The schemas of forms with files.
enum FormSchemas {
  static let inversion = form(
    [
      "request": Schema.named("InversionFormRequest"),
      "observation": Schema.bytes(
        "application/octet-stream", "npy or png: as the request's `observation` would be."),
    ], optional: ["observation"])

  static let batch = form(
    [
      "request": Schema.named("BatchRequest"),
      "observations": Schema.bytes(
        "application/x-npy", "An array of shape [N, ...], one observation a row."),
    ])

  private static func form(_ members: JSONObject, optional: Set<String> = []) -> JSONValue {
    let files: JSONObject = [
      "mask": Schema.bytes(
        "application/octet-stream",
        "Which entries are seen, in place of `measurement.observed`: a picture of the signal's "
          + "size, bright where seen, or npy, not 0 where seen: of two extents for pixels, of "
          + "others for every entry."),
      "matrix": Schema.bytes(
        "application/x-npy", "The matrix of a linear measurement, in place of `measurement.npy`."),
    ]
    return Schema.form(members + files, optional: optional.union(["mask", "matrix"]))
  }
}
