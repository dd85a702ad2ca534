import Service

enum Version {
  static let text = PreimageService.version
}
