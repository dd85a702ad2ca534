import LinearAlgebra
import Networks

/// Latent codes drawn as the generator expects them, with its outputs: what encoders are fitted to.
package struct LatentBank: Sendable {
  package let latents: Batch
  package let outputs: Batch

  package static let pairsMax = 6000
  package static let multiplicationsMax = 150_000_000_000
  package static let outputBytesMax = 256 << 20

  /// More pairs where the generator is cheap: at most `multiplicationsMax` in all, and outputs of
  /// at most `outputBytesMax` together.
  package init(
    _ generator: Generator, pairsMax: Int = LatentBank.pairsMax,
    multiplicationsMax: Int = LatentBank.multiplicationsMax,
    outputBytesMax: Int = LatentBank.outputBytesMax
  ) {
    let affordable = multiplicationsMax / max(generator.multiplyCount, 1)
    let storable = max(8, outputBytesMax / (4 * generator.outputCount))
    let count = min(pairsMax, max(affordable, 4 * generator.inputCount + 100), storable)
    // Few enough at a time that no layer of theirs takes more memory than the bank itself.
    let together = max(1, min(256, outputBytesMax / (4 * generator.widestCount)))
    // A constant seed: the bank belongs to the generator, not to one inversion.
    var random = RandomNumbers(seed: 0, stream: 0x6261_6e6b)
    let latents = generator.drawLatents(count: count, from: &random)
    let ranges = stride(from: 0, to: count, by: together).map { $0..<min($0 + together, count) }
    outputs = Batch.inRanges(ranges, width: generator.outputCount) { range in
      generator.evaluate(latents.rows(Array(range)))
    }
    self.latents = latents
  }

  var byteCount: Int { 4 * (latents.values.count + outputs.values.count) }
}
