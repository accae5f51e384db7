"""A service that charges for each request it reads whole, then does what it is told to.

    peer.py http1 FILE CERTIFICATE KEY   HTTP/1.1 over TLS
    peer.py http2 FILE CERTIFICATE KEY   HTTP/2 over TLS, chosen by ALPN (RFC 9113)

Prints its port on 127.0.0.1, then serves until its standard input ends. Each charge is a line of
FILE: the request's body, durable before anything is answered. What follows a charge stands at the
body's start, up to the first blank: `answer`, or

    close        ends the TLS session and closes the connection
    cut          closes the connection without ending the session
    reset        closes it with RST
    drip         HTTP/1.1: answers a byte every quarter of a second
    goaway       HTTP/2: GOAWAY that names this stream as the last one, answers none, closes
    goaway-after HTTP/2: the same, but this stream is answered
    refuse       HTTP/2: RST_STREAM with REFUSED_STREAM, and no charge
    cancel       HTTP/2: RST_STREAM with INTERNAL_ERROR

`goaway` and `goaway-after` wait until three more streams are open, so that there are some that the
service has not looked at, but no longer than half a second.
"""

import os
import socket
import ssl
import struct
import sys
import threading
import time

LOCK = threading.Lock()
ANSWER = b'{"ok":true}'


def charge(ledger, body):
    with LOCK:
        with open(ledger, "ab") as file:
            file.write(body + b"\n")
            file.flush()
            os.fsync(file.fileno())


def end(connection, order):
    """Closes a connection in the way that the order names."""
    if order == b"reset":
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    if order == b"close":
        # Says that it is the end, and does not wait for the client to say so too.
        connection.settimeout(0)
        try:
            connection.unwrap()
        except OSError:
            pass
    connection.close()


# HTTP/1.1


def read_request(stream):
    """The body of the next request, None when the client is gone."""
    size = 0
    if not stream.readline():
        return None
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
    return stream.read(size)


def serve_http1(connection, ledger):
    stream = connection.makefile("rb")
    while (body := read_request(stream)) is not None:
        charge(ledger, body)
        order = body.split(b" ")[0]
        if order == b"answer":
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
            connection.sendall(head.encode() + ANSWER)
        elif order == b"drip":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(1000):
                connection.sendall(b"x")
                time.sleep(0.25)
        else:
            # The stream holds the socket open as well.
            stream.close()
            end(connection, order)
            return


# HTTP/2: frames only. Of the headers nothing matters, so they are not decoded.

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INTERNAL_ERROR, REFUSED_STREAM = 2, 7
STATUS_200 = b"\x88"  # entry 8 of the static table, RFC 7541


class Closed(Exception):
    pass


class HTTP2:
    def __init__(self, connection, ledger):
        self.connection = connection
        self.ledger = ledger
        self.bodies = {}
        self.waiting = None

    def receive(self, count):
        data = b""
        while len(data) < count:
            piece = self.connection.recv(count - len(data))
            if not piece:
                raise Closed
            data += piece
        return data

    def send(self, kind, flags, stream, payload):
        head = struct.pack(">I", len(payload))[1:] + bytes([kind, flags])
        self.connection.sendall(head + struct.pack(">I", stream) + payload)

    def serve(self):
        self.receive(24)  # the client's preface
        self.send(SETTINGS, 0, 0, b"")
        try:
            while True:
                head = self.receive(9)
                size = int.from_bytes(head[:3], "big")
                kind, flags = head[3], head[4]
                stream = int.from_bytes(head[5:], "big") & 0x7FFFFFFF
                self.take(kind, flags, stream, self.receive(size))
        except TimeoutError:
            # Set only while a GOAWAY waits for more streams.
            self.go_away()

    def take(self, kind, flags, stream, payload):
        if kind == SETTINGS and not flags & ACK:
            self.send(SETTINGS, ACK, 0, b"")
        elif kind == PING and not flags & ACK:
            self.send(PING, ACK, 0, payload)
        elif kind in (HEADERS, DATA):
            if kind == HEADERS:
                self.bodies[stream] = b""
            else:
                self.bodies[stream] += payload
            if flags & END_STREAM:
                self.take_request(stream)

    def take_request(self, stream):
        if self.waiting is not None:
            # Not looked at: the GOAWAY will say so.
            self.unseen += 1
            if self.unseen == 3:
                self.go_away()
            return
        body = self.bodies.pop(stream)
        order = body.split(b" ")[0]
        if order == b"refuse":
            self.send(RST_STREAM, 0, stream, struct.pack(">I", REFUSED_STREAM))
            return
        charge(self.ledger, body)
        if order == b"answer":
            self.answer(stream)
        elif order == b"cancel":
            self.send(RST_STREAM, 0, stream, struct.pack(">I", INTERNAL_ERROR))
        elif order.startswith(b"goaway"):
            self.waiting, self.unseen, self.answers = stream, 0, order == b"goaway-after"
            self.connection.settimeout(0.5)
        else:
            end(self.connection, order)
            raise Closed

    def answer(self, stream):
        self.send(HEADERS, END_HEADERS, stream, STATUS_200)
        self.send(DATA, END_STREAM, stream, ANSWER)

    def go_away(self):
        self.send(GOAWAY, 0, 0, struct.pack(">II", self.waiting, 0))
        if self.answers:
            self.answer(self.waiting)
        # What the client still sends is read, so that the close is no reset.
        while self.connection.recv(65536):
            pass
        raise Closed


def serve_http2(connection, ledger):
    HTTP2(connection, ledger).serve()


def serve(raw, context, protocol, ledger):
    try:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(raw, server_side=True) as connection:
            protocol(connection, ledger)
    except (Closed, OSError):
        pass


def main():
    kind, ledger, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2" if kind == "http2" else "http/1.1"])
    protocol = serve_http2 if kind == "http2" else serve_http1
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            raw, _ = listener.accept()
            arguments = (raw, context, protocol, ledger)
            threading.Thread(target=serve, args=arguments, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


main()
