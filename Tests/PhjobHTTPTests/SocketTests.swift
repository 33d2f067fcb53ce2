import Testing

/// Everything that opens sockets, one test at a time, so that what is left open can be counted.
@Suite(.serialized) enum SocketTests {}
