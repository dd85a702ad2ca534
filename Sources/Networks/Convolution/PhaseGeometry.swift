/// A strided correlation seen phase by phase. Along an axis of stride `s`, pixel `s j + r` is entry
/// `j` of phase `r`. A tap of the kernel belongs to one phase and joins entry `j` of it with
/// position `j - shift`, whatever `j`: per phase, the correlation is one of stride one.
///
/// Where no phase is longer than the features, both have one numbering, and a whole plane of
/// patches moves by one offset. Entries that a shift pushes over an edge land on positions whose
/// own partner lies outside the image; those are held at zero.
struct PhaseGeometry: Sendable {
  /// Entries of each phase, along both axes.
  let rows: [Int]
  let columns: [Int]
  /// For each phase, `row phase * column stride + column phase`, the taps of it: the tap's place
  /// in the kernel, and how far its positions lie behind the entries.
  let taps: [[(tap: Int, shift: Int)]]
  /// For each tap of the kernel, the positions whose pixel lies outside the image.
  let outside: [[Int]]
  /// The largest shift, either way: what has to lie between two rows of patches.
  let margin: Int

  /// `nil` where a phase is longer than the features, or a tap never meets the image.
  init?(_ geometry: ConvolutionGeometry) {
    let g = geometry
    let vertical = Axis(
      image: g.image.height, features: g.features.height, kernel: g.kernel.height,
      stride: g.stride.height, padding: g.padding.height, dilation: g.dilation.height)
    let horizontal = Axis(
      image: g.image.width, features: g.features.width, kernel: g.kernel.width,
      stride: g.stride.width, padding: g.padding.width, dilation: g.dilation.width)
    guard let vertical, let horizontal else { return nil }
    rows = vertical.entries
    columns = horizontal.entries
    var taps = [[(tap: Int, shift: Int)]](
      repeating: [], count: g.stride.height * g.stride.width)
    var outside: [[Int]] = []
    for (row, up) in vertical.taps.enumerated() {
      for (column, left) in horizontal.taps.enumerated() {
        taps[up.phase * g.stride.width + left.phase].append(
          (row * g.kernel.width + column, up.shift * g.features.width + left.shift))
        outside.append(
          (0..<g.positionCount).filter {
            let (y, x) = $0.quotientAndRemainder(dividingBy: g.features.width)
            return !(0..<vertical.entries[up.phase]).contains(y + up.shift)
              || !(0..<horizontal.entries[left.phase]).contains(x + left.shift)
          })
      }
    }
    self.taps = taps
    self.outside = outside
    margin = taps.joined().map { abs($0.shift) }.max() ?? 0
  }

  private struct Axis {
    /// Of each phase.
    let entries: [Int]
    let taps: [(phase: Int, shift: Int)]

    init?(image: Int, features: Int, kernel: Int, stride: Int, padding: Int, dilation: Int) {
      guard image <= stride * features else { return nil }
      entries = (0..<stride).map { max(0, (image - $0 + stride - 1) / stride) }
      taps = (0..<kernel).map { tap in
        let offset = tap * dilation - padding
        let shift = Int((Double(offset) / Double(stride)).rounded(.down))
        return (offset - shift * stride, shift)
      }
      guard taps.allSatisfy({ abs($0.shift) < features }) else { return nil }
    }
  }
}
