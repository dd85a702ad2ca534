import Documents

extension PreimageService {
  /// Takes up limits, quotas and what is remembered of tokens from another configuration; requests
  /// from now on are held to them, and so is the description of the API.
  ///
  /// Everything else was copied where it is used when the service started, limits of the wire, of
  /// weights and of solving among them: the configuration must give these as they run. Whether tokens
  /// are required, and which proxies are trusted, stays too.
  public func adjust(limits: ServiceLimits, access: AccessConfiguration) {
    parts.bounds.value = ServiceParts.Bounds(limits: limits, quotas: access.quotas)
    accessBounds.value = accessBounds.value.adjusted(to: access)
    openAPI.value = describe(limits)
  }

  /// The description of the API, as bytes.
  func describe(_ limits: ServiceLimits) -> [UInt8] {
    JSONWriter.bytes(
      of: OpenAPIDocument(limits: limits, requiresTokens: requiresTokens).document)
  }
}
