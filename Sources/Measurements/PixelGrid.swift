/// How measurements that speak of pixels read a signal's shape: one or two extents are an image of
/// one channel, `[n]` of one row; extents before the last two are channels.
struct PixelGrid: Sendable {
  let channels: Int
  let height: Int
  let width: Int

  init(signalShape: [Int]) {
    width = signalShape.last ?? 1
    height = signalShape.count > 1 ? signalShape[signalShape.count - 2] : 1
    channels = signalShape.dropLast(2).reduce(1, *)
  }

  var count: Int { channels * height * width }
}
