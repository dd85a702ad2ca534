/// A way to find what one layer was given from what it gave: `x` from `phi(W x + b)`.
///
/// Adding one is a file with a type that conforms, and a line in ``LayerwiseCatalogue``.
protocol LayerMethod: Sendable {
  /// - Throws: ``LayerFailure`` where no inputs can be named at all.
  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate

  /// Whether the method needs `W` as a matrix.
  var needsMatrix: Bool { get }

  /// Whether the latent is estimated anew at the end, on the supports that were found.
  var debiases: Bool { get }

  /// Why a chain is beyond the method; `nil` where it is not.
  func refusal(of chain: LayerChain) -> String?

  /// The method with what it has to know of the whole chain, one that it does not refuse.
  func prepared(for chain: LayerChain) -> any LayerMethod
}

extension LayerMethod {
  var debiases: Bool { false }
  func refusal(of chain: LayerChain) -> String? { nil }
  func prepared(for chain: LayerChain) -> any LayerMethod { self }
}

/// What a method makes of a layer.
struct LayerEstimate: Sendable {
  /// `x`
  var inputs: [Double]
  var report: LayerReport
}

extension LayerEstimate: Checkpointable {
  init(from reader: inout CheckpointReader) throws(CheckpointError) {
    inputs = try reader.read()
    report = try reader.read()
  }

  func write(to writer: inout CheckpointWriter) {
    writer.write(inputs)
    writer.write(report)
  }
}

/// A method cannot go on, and why.
package struct LayerFailure: Error, Sendable {
  package var reason: String
  /// What that makes of an inversion that tried nothing else.
  package var termination = Termination.infeasible
}

extension LayerFailure: Checkpointable {
  package init(from reader: inout CheckpointReader) throws(CheckpointError) {
    reason = try reader.read()
    termination = try reader.read()
  }

  package func write(to writer: inout CheckpointWriter) {
    writer.write(reason)
    writer.write(termination)
  }
}
