/// Colours that people tell apart however they see colours (Okabe and Ito 2008), on white.
enum Palette {
  static let ink = "#1a1a1a"
  static let paper = "#ffffff"
  static let grid = "#e3e3e3"
  static let frame = "#8a8a8a"
  static let reference = "#6b6b6b"

  /// Blue, vermilion, green, purple, orange, sky, black.
  static let series = ["#0072b2", "#d55e00", "#009e73", "#b0578d", "#e69f00", "#56b4e9", ink]

  static func series(_ place: Int) -> String { series[place % series.count] }
}

/// Colours for numbers from 0 to 1: from dark blue to pale yellow, each lighter than the one before,
/// so that the order survives any way of seeing colours, and a printer.
enum ColourScale {
  private static let stops: [(Double, Double, Double)] = [
    (24, 22, 70), (40, 60, 135), (42, 104, 160), (45, 146, 160), (92, 182, 138), (165, 208, 118),
    (235, 226, 120), (255, 250, 215),
  ]

  /// Red, green, blue; numbers outside 0 to 1 have the colour of the nearer end.
  static func colour(_ share: Double) -> [UInt8] {
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let lower = min(Int(place), stops.count - 2)
    let (a, b) = (stops[lower], stops[lower + 1])
    let weight = place - Double(lower)
    func mixed(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + (b - a) * weight).rounded()) }
    return [mixed(a.0, b.0), mixed(a.1, b.1), mixed(a.2, b.2)]
  }
}
