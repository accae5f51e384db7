#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import FlyingSocks

/// The library's pool of sockets, with Nagle's algorithm off.
///
/// FlyingFox writes an answer's head and body apart, and the system holds the body back until the
/// client confirms the head, which clients put off: 44 ms a request measured on the loopback, 1 ms
/// without. The pool is the one place where the library shows its sockets.
struct PromptPool<Base: AsyncSocketPool>: AsyncSocketPool {
  let base: Base

  func prepare() async throws { try await base.prepare() }

  func run() async throws { try await base.run() }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    // Unix domain sockets know no such option and need none.
    try? socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
    try await base.suspendSocket(socket, untilReadyFor: events)
  }
}
