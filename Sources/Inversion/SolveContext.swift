/// What a solver needs beside the problem.
public struct SolveContext: Sendable {
  public var seed: UInt64
  public var control: SolveControl
  public var library: EncoderLibrary
  /// Names the generator's content, so that what was fitted to it can be used again.
  public var generatorKey: String
  /// Latents to begin at, before any other.
  var starts: [[Float]] = []

  public init(
    seed: UInt64, control: SolveControl = .init(), library: EncoderLibrary, generatorKey: String
  ) {
    self.seed = seed
    self.control = control
    self.library = library
    self.generatorKey = generatorKey
  }
}
