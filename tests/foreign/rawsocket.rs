//! Over RawSocket, on the port that the others use for WebSocket.

use wamp_tests::peers::python;

use crate::interop;

#[tokio::test]
async fn autobahn_for_python_over_rawsocket_with_json() {
    interop(python("rawsocket_client.py"), "json").await;
}

#[tokio::test]
async fn autobahn_for_python_over_rawsocket_with_msgpack() {
    interop(python("rawsocket_client.py"), "msgpack").await;
}

#[tokio::test]
async fn autobahn_for_python_over_rawsocket_with_cbor() {
    interop(python("rawsocket_client.py"), "cbor").await;
}
