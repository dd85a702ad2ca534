import CLinux
import Glibc

/// The system calls on one TCP socket; all sockets are nonblocking and close-on-exec.
struct Socket: Sendable {
  enum Transfer: Equatable {
    case bytes(Int)
    /// Nothing can be moved now.
    case wouldBlock
    /// The peer will send no more (reading only).
    case end
    /// The connection is broken.
    case failed
  }

  let descriptor: Int32

  func read(into buffer: inout InputBuffer) -> Transfer {
    buffer.withFreeBytes { free in
      while true {
        let count = recv(descriptor, free.baseAddress, free.count, 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        if errno == EINTR { continue }
        return errno == EAGAIN ? .wouldBlock : .failed
      }
    }
  }

  /// Sends what follows `offset`; `more` tells the kernel not to hurry with a short segment.
  func write(_ bytes: [UInt8], from offset: Int, more: Bool) -> Transfer {
    bytes.withUnsafeBytes { raw in
      let rest = UnsafeRawBufferPointer(rebasing: raw[offset...])
      let flags = Int32(MSG_NOSIGNAL) | (more ? Int32(MSG_MORE) : 0)
      while true {
        let count = send(descriptor, rest.baseAddress, rest.count, flags)
        if count >= 0 { return .bytes(count) }
        if errno == EINTR { continue }
        return errno == EAGAIN ? .wouldBlock : .failed
      }
    }
  }

  /// Tells the peer that nothing more comes, while its own bytes are still read.
  func shutdownWriting() {
    _ = shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Ends the connection with a reset, so that a cut-off body cannot pass for a whole one.
  func reset() {
    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
    _ = setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    close()
  }

  func close() {
    _ = Glibc.close(descriptor)
  }

  func disableDelay() {
    setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
  }

  /// Has the kernel take no more while it holds so many bytes that it could not send yet: what is
  /// over that waits in this process, where answers share their bytes.
  func limitUnsent(bytesMax: Int) {
    setOption(Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Int32(clamping: bytesMax))
  }

  fileprivate func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    _ = setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}

// MARK: Listening

extension Socket {
  /// Listens at a numeric address or a name that resolves to one; port 0 takes a free one.
  static func listen(host: String, port: Int, backlog: Int32 = 1024) throws(ServerStartError)
    -> Socket
  {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    let bare = isBracketed ? String(host.dropFirst().dropLast()) : host
    let status = getaddrinfo(bare, String(port), &hints, &found)
    guard status == 0, let address = found else {
      throw ServerStartError("cannot resolve \(host): \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(found) }
    let socket = Socket(descriptor: clinux_tcp_socket(address.pointee.ai_family))
    guard socket.descriptor >= 0 else { throw .lastError("cannot make a socket") }
    socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
    if address.pointee.ai_family == AF_INET6 {
      socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
    }
    guard bind(socket.descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0,
      Glibc.listen(socket.descriptor, backlog) == 0
    else {
      let error = ServerStartError.lastError("cannot listen at \(host) port \(port)")
      socket.close()
      throw error
    }
    return socket
  }

  enum Acceptance {
    case connection(Socket)
    case nothing
    /// No descriptor or memory left: try again later.
    case exhausted
  }

  func accept() -> Acceptance {
    while true {
      let descriptor = clinux_accept(self.descriptor)
      if descriptor >= 0 { return .connection(Socket(descriptor: descriptor)) }
      switch errno {
      case EAGAIN: return .nothing
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
      // The connection broke while it waited, or a signal came: look at the next.
      default: continue
      }
    }
  }

  var localAddress: SocketAddress? { address(getsockname) }
  var peerAddress: SocketAddress? { address(getpeername) }

  private func address(
    _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard ask(descriptor, generic, &length) == 0 else { return nil }
        return Self.numeric(generic, length)
      }
    }
  }

  private static func numeric(
    _ address: UnsafePointer<sockaddr>, _ length: socklen_t
  ) -> SocketAddress? {
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let status = getnameinfo(
      address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
      NI_NUMERICHOST | NI_NUMERICSERV)
    guard status == 0, let port = Int(text(service)) else { return nil }
    return SocketAddress(host: text(host), port: port)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// Why a server could not start.
public struct ServerStartError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  static func lastError(_ what: String) -> ServerStartError {
    ServerStartError("\(what): \(String(cString: strerror(errno)))")
  }
}
